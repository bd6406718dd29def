"""Credentials of code hosts, build services, package registries, infrastructure and secret stores."""

from twokey.detectors.secret_formats import contextual, prefixed

_PREFIXED = r"""
github-token               A token of GitHub                             gh[pousr]_  <62>{36,}                       GitHub Docs, "GitHub's token formats"
github-fine-grained-token  A fine-grained personal access token of GitHub  github_pat_  <62>{22}_<62>{59}            GitHub Docs, "GitHub's token formats"
gitlab-token               A token of GitLab                             gl(?:pat|dt|rt|rtr|cbt|ptt|ft|ffct|soat|agent|oas|imt|wt)-  [\w.-]{20,}  GitLab Docs, "Token overview"
gitlab-runner-token        A registration token of GitLab runners        GR1348941  <64>{20}                         GitLab Docs, "Token overview"
bitbucket-app-password     An app password of Bitbucket                  ATBB  <62>{28,32}                           Atlassian Support, "App passwords"
bitbucket-access-token     A repository access token of Bitbucket        ATCTT3  [\w=-]{60,}                         Atlassian Support, "Repository access tokens"
atlassian-token            An API token of Atlassian                     ATATT3  [\w=-]{60,}                         Atlassian Support, "Manage API tokens"
trello-token               A token of Trello                             ATTA  [0-9a-fA-F]{60,80}                    Trello, "API introduction"
sourcegraph-token          An access token of Sourcegraph                sgp_  (?:[0-9a-fA-F]{16}_|local_)?[0-9a-f]{40}  Sourcegraph, "Creating an access token"
circleci-token             A token of CircleCI                           CCIP(?:AT|RJ)_  [\w-]{40,}                  CircleCI, "Managing API tokens"
buildkite-token            A token of Buildkite                          bk[a-z]{2}_  <hex>{40}                      Buildkite, "Managing API access tokens"
sonar-token                A token of SonarQube                          sq[pua]_  <hex>{40}                         SonarQube, "Managing your tokens"
snyk-token                 A token of Snyk                               snyk_(?:uat|sat|ga)\.  [\w.-]{20,}          Snyk API documentation
octopus-key                An API key of Octopus Deploy                  API-  <up>{26,32}                           Octopus, "How to create an API key"
harness-token              A token of Harness                            (?:pat|sat)\.  <64>{22}\.<62>{24}\.<62>{20}  Harness, "Manage API keys"
terraform-token            A token of HCP Terraform                      [A-Za-z0-9]{14}\.atlasv1\.  [\w=-]{60,}     HCP Terraform, "API tokens"
pulumi-token               An access token of Pulumi                     pul-  <hex>{40}                             Pulumi Cloud, "Access tokens"
vault-token                A token of HashiCorp Vault                    hv[sbr]\.  <64>{24,}                        HashiCorp Vault, "Tokens"
doppler-token              A token of Doppler                            dp\.(?:pt|st|ct|sa|scim|audit)\.  [\w.-]{40,}  Doppler, "Auth token formats"
onepassword-token          A service account token of 1Password          ops_eyJ  [\w=-]{100,}                       1Password Developer, "Service accounts"
onepassword-secret-key     An account's secret key of 1Password          A3-  <up>{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}  1Password, "About your Secret Key"
bitwarden-token            An access token of Bitwarden Secrets Manager  0\.[0-9a-f]{8}-  [0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.[A-Za-z0-9]{30}:[A-Za-z0-9+/]{22}==  Bitwarden, "Access tokens"
infisical-token            A service token of Infisical                  st\.  <hex>{24}\.<hex>{32}\.<hex>{32}       Infisical, "Service token"
artifactory-key            An API key of JFrog Artifactory               AKCp  <62>{60,}                             JFrog, "User profile"
artifactory-token          A reference token of JFrog Artifactory        cmVmdGtu  <62>{56}                          JFrog, "Access tokens"
npm-token                  An access token of npm                        npm_  <62>{36}                              npm Docs, "About access tokens"
pypi-token                 An API token of PyPI                          pypi-AgE(?:IcHlwaS5vcmc|NdGVzdC5weXBpLm9yZw)  <64>{50,}  PyPI, "Help: API token"
rubygems-key               An API key of RubyGems                        rubygems_  <hex>{48}                        RubyGems Guides, "API key scopes"
crates-token               An API token of crates.io                     cio  <62>{32}                               The Cargo Book, "Publishing on crates.io"
clojars-token              A deploy token of Clojars                     CLOJARS_  <low>{60}                         Clojars, "Deploy tokens"
nuget-key                  An API key of NuGet                           oy2  <low>{43}                              Microsoft Learn, "Scoped API keys"
packagist-token            A token of Private Packagist                  packagist_[a-z_]{3,12}_  <hex>{60,}         Private Packagist documentation
dockerhub-token            An access token of Docker Hub                 dckr_(?:pat|oat)_  <64>{27,}                Docker Docs, "Personal access tokens"
openshift-token            An access token of OpenShift                  sha256~  <64>{43}                           OpenShift, "Token authentication"
launchdarkly-key           A key of LaunchDarkly                         (?:sdk|api)-  <uuid>                        LaunchDarkly, "Keys"
statsig-key                A secret key of Statsig                       secret-  <62>{43}                           Statsig, "API keys"
segment-token              A token of Segment's public API               sgp_  <62>{64}                              Segment, "Public API"
posthog-key                A personal API key of PostHog                 phx_  <62>{40,}                             PostHog, "API overview"
prefect-key                An API key of Prefect                         pn[ub]_  <62>{36}                           Prefect, "Manage API keys"
dbt-token                  A token of dbt Cloud                          dbt[cu]_  [\w=-]{30,}                       dbt, "Service account tokens"
readme-key                 An API key of ReadMe                          rdme_  <low>{70}                            ReadMe API Reference
scalingo-token             A token of Scalingo                           tk-us-  <64>{48}                            Scalingo, "API authentication"
ionic-token                A token of Ionic                              ion_  <low>{42}                             Ionic documentation
rootly-key                 An API key of Rootly                          rootly_  <hex>{64}                          Rootly API
settlemint-token           A token of SettleMint                         sm_(?:aat|pat|sat)_  <62>{16}               SettleMint, "Access tokens"
"""  # noqa: E501 a table reads better in one line each

_CONTEXTUAL = r"""
bitbucket-secret           A client secret of Bitbucket                  bitbucket                         [\w=-]{64}            Bitbucket, "Use OAuth"
azure-devops-token-old     A token of Azure DevOps in the older form     azure.?devops|\bado\b|vsts|dev\.azure\.com  [a-z2-7]{52}  Microsoft Learn, "Use personal access tokens"
gitea-token                A token of Gitea or Forgejo                   gitea|forgejo|codeberg            <hex>{40}             Gitea, "API usage"
travis-token               A token of Travis CI                          travis                            <64>{20,22}           Travis CI, "API v3"
drone-token                A token of Drone                              drone                             <62>{32}              Drone, "API"
jenkins-token              An API token of Jenkins                       jenkins                           (?:11[0-9a-f]{32}|[0-9a-f]{32})  Jenkins Handbook, "API token"
codecov-token              A token of Codecov                            codecov                           <uuid>                Codecov documentation
snyk-key                   An API key of Snyk                            snyk                              <uuid>                Snyk API documentation
jfrog-key                  A key of JFrog                                jfrog|artifactory                 [A-Za-z0-9]{64}|[A-Za-z0-9]{73}  JFrog documentation
vault-token-old            A token of Vault in the older form            vault                             s\.[A-Za-z0-9]{24}    HashiCorp Vault, "Tokens"
ngrok-token                An authtoken of ngrok                         ngrok                             [A-Za-z0-9]{26,28}_[A-Za-z0-9]{18,22}  ngrok, "Authtokens"
rapidapi-key               A key of RapidAPI                             rapidapi                          [A-Za-z0-9]{10}msh[A-Za-z0-9]{37}|[A-Za-z0-9]{50}  RapidAPI, "API keys"
akeyless-key               An access key of Akeyless                     akeyless                          [A-Za-z0-9+/=]{44}    Akeyless, "API key"
"""  # noqa: E501

CODE = (*prefixed(_PREFIXED), *contextual(_CONTEXTUAL))
