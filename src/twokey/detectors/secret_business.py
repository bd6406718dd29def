"""Credentials of observation and of services that offices use."""

from twokey.detectors.secret_formats import contextual, prefixed

_PREFIXED = r"""
newrelic-key               A key of New Relic                            NR(?:AK|II|AA|JS|BR|SP)-  [\w-]{19,}        New Relic, "API keys"
newrelic-license           A licence key of New Relic                    [0-9a-z]{6}[0-9a-f]{30}  (?:NRAL|FFFFNRAL)  New Relic, "License key"
grafana-token              A service account token of Grafana            glsa_  <62>{32}_[0-9a-fA-F]{8}              Grafana, "Service accounts"
grafana-cloud-token        A token of Grafana Cloud                      glc_  [A-Za-z0-9+/=]{32,}                   Grafana Cloud, "Access policies"
grafana-key                An API key of Grafana in the older form       eyJrIjoi  [A-Za-z0-9+/_=-]{40,}             Grafana, "HTTP API: authentication"
sentry-token               A token of Sentry                             sntry[su]_  [A-Za-z0-9+/=_-]{40,}           Sentry, "Auth tokens"
dynatrace-token            A token of Dynatrace                          dt0[a-z][0-9]{2}\.  <up>{8,24}\.<up>{64}    Dynatrace, "Access tokens"
honeycomb-key              A key of Honeycomb                            hc[abx][ilm]k_  <low>{40,}                  Honeycomb, "API keys"
axiom-token                A token of Axiom                              xa[ap]t-  <uuid>                            Axiom, "API tokens"
checkly-key                A key of Checkly                              cu_  <hex>{32}                              Checkly, "Authentication"
notion-token               A token of Notion                             (?:ntn_|secret_)  <62>{43,}                 Notion, "Authorization"
airtable-token             A personal access token of Airtable           pat  <62>{14}\.<hex>{64}                    Airtable, "Personal access tokens"
linear-key                 A key of Linear                               lin_(?:api|oauth|wh)_  <62>{32,}            Linear, "API and webhooks"
figma-token                A token of Figma                              fig[dourh]_  <64>{30,}                      Figma, "Authentication"
postman-key                A key of Postman                              PMAK-  <hex>{24}-<hex>{34}                  Postman API
clickup-token              A token of ClickUp                            pk_[0-9]{5,9}_  <up>{32}                    ClickUp, "Authentication"
hubspot-token              A private app's token of HubSpot              pat-(?:na|eu|ap)[0-9]-  <uuid>              HubSpot, "Private apps"
salesforce-token           A session id of Salesforce                    00D[A-Za-z0-9]{12,15}!  [A-Za-z0-9._]{60,}  Salesforce, "Session ID authorization"
typeform-token             A token of Typeform                           tfp_  [\w=.-]{40,}                          Typeform, "Personal access tokens"
contentful-token           A personal access token of Contentful         CFPAT-  <64>{43}                            Contentful, "Authentication"
sanity-token               A token of Sanity                             sk  <62>{80,}                               Sanity, "API tokens"
mapbox-token               A secret token of Mapbox                      [st]k\.eyJ  [\w-]{40,}\.[\w-]{20,}          Mapbox, "Access tokens"
frameio-token              A token of Frame.io                           fio-u-  [\w=-]{60,}                         Frame.io documentation
zoho-token                 A token of Zoho                               1000\.  <hex>{32}\.<hex>{32}                Zoho, "OAuth"
adobe-secret               A client secret of Adobe                      p8e-  [\w-]{32}                             Adobe Developer, "Credentials"
adafruit-key               A key of Adafruit IO                          aio_  <62>{28}                              Adafruit IO documentation
ubidots-token              A token of Ubidots                            BBFF-  <62>{30}                             Ubidots, "Authentication"
maxmind-key                A licence key of MaxMind                      [A-Za-z0-9]{6}_[A-Za-z0-9]{29}  _mmk         MaxMind, "License keys"
defined-key                A key of Defined Networking                   dnkey-  <64>{26}-<64>{52}                   Defined Networking, "API keys"
wix-key                    A key of Wix                                  IST\.eyJ  [\w.-]{60,}                       Wix, "API keys"
asana-token                A personal access token of Asana              [0-2]/[0-9]{10,17}(?:/[0-9]{10,17})?:  <hex>{32}  Asana, "Personal access token"
authress-key               An access key of Authress                     (?:sc|ext|scauth|authress)_  [a-z0-9]{5,30}\.[a-z0-9]{4,6}\.acc[_-][a-z0-9-]{10,32}\.[A-Za-z0-9+/_=-]{30,120}  Authress, "Service client access keys"
"""  # noqa: E501 a table reads better in one line each

_CONTEXTUAL = r"""
datadog-key                A key of Datadog                              datadog|\bdd[_-]                  (?:<hex>{40}|<hex>{32})  Datadog, "API and application keys"
honeycomb-key-old          A key of Honeycomb in the older form          honeycomb                         (?:<62>{22}|<hex>{32})  Honeycomb, "API keys"
splunk-token               A token of Splunk's event collector           splunk                            <uuid>                Splunk, "HTTP Event Collector"
rollbar-token              A token of Rollbar                            rollbar                           <hex>{32}             Rollbar, "Access tokens"
pagerduty-key              A key of PagerDuty                            pagerduty|\bpd[_-]                (?:[A-Za-z0-9_+-]{20}|<hex>{32})  PagerDuty, "API access keys"
opsgenie-key               A key of Opsgenie                             opsgenie|geniekey                 <uuid>                Opsgenie, "API key management"
sumologic-key              An access key of Sumo Logic                   sumo.?logic|\bsumo                <62>{64}              Sumo Logic, "Access keys"
loggly-token               A token of Loggly or Logz.io                  loggly|logz                       (?:<uuid>|[A-Za-z]{32})  Loggly, "Customer token"
bugsnag-key                A key of Bugsnag                              bugsnag                           <hex>{32}             Bugsnag documentation
amplitude-key              A key of Amplitude                            amplitude                         <hex>{32}             Amplitude, "Keys"
mixpanel-secret            A secret of Mixpanel                          mixpanel                          <62>{32}              Mixpanel, "Project secret"
airtable-key               A key of Airtable in the older form           airtable                          key[A-Za-z0-9]{14}    Airtable, "API keys"
okta-token                 A token of Okta                               okta                              00[A-Za-z0-9_-]{40}   Okta, "Create an API token"
auth0-secret               A client secret of Auth0                      auth0                             <64>{64}              Auth0, "Client secret"
shodan-key                 A key of Shodan                               shodan                            <62>{32}              Shodan documentation
virustotal-key             A key of VirusTotal                           virus.?total|x-apikey|\bvt[_-]    <hex>{64}             VirusTotal, "Authentication"
webflow-token              A token of Webflow                            webflow                           <hex>{64}             Webflow, "Authentication"
coda-token                 A token of Coda                               coda                              <uuid>                Coda API
meraki-key                 A key of Cisco Meraki                         meraki                            <hex>{40}             Cisco Meraki Dashboard API
mapquest-key               A key of a weather or map service             openweather|weatherapi|mapquest|\bowm[_-]  <62>{31,32}  OpenWeather, "API keys"
freshdesk-key              A key of Freshdesk                            fresh(?:desk|works|service)       <62>{20}              Freshdesk API
pipedrive-token            A token of Pipedrive                          pipedrive                         <hex>{40}             Pipedrive, "API token"
"""  # noqa: E501

BUSINESS = (*prefixed(_PREFIXED), *contextual(_CONTEXTUAL))
