"""Credentials of clouds, hosting and data stores. What is told by its form alone stands first, by context after it."""

from twokey.detectors.secret_formats import Format, contextual, prefixed

_PREFIXED = r"""
aws-access-key             An access key id of AWS                       (?:AKIA|ASIA|ABIA|ACCA)  <up>{16}           AWS IAM User Guide, "IAM identifiers"
aws-session-token          A session token of AWS STS                    (?:IQoJb3JpZ2lu|F[wQ]oGZXIvYXdz)  <b64>{100,}  AWS STS API Reference, "Credentials"
aws-bedrock-key            An API key of Amazon Bedrock                  (?:ABSK|bedrock-api-key-)  <b64>{100,}      Amazon Bedrock User Guide, "API keys"
amazon-mws-token           An auth token of Amazon MWS                   amzn\.mws\.  <uuid>                         Amazon MWS Developer Guide
amazon-oauth-secret        A client secret of Login with Amazon          amzn1\.oa2-cs\.v1\.  <hex>{64}              Login with Amazon documentation
google-api-key             An API key of Google                          AIza  <64>{35}                              Google Cloud, "Manage API keys"
google-oauth               A token or client secret of Google OAuth      (?:ya29\.|GOCSPX-)  [\w.-]{24,}             Google Identity, "Using OAuth 2.0"
google-refresh-token       A refresh token of Google OAuth               1//0  <64>{40,}                             Google Identity, "Using OAuth 2.0"
google-hmac-key            An HMAC access id of Google Cloud Storage     GOOG  <up>{20,}                             Google Cloud Storage, "HMAC keys"
firebase-messaging-key     A server key of Firebase Cloud Messaging      AAAA[\w-]{7}:APA91b  <64>{120,}             Firebase, "FCM legacy HTTP protocol"
azure-devops-token         A personal access token of Azure DevOps       [A-Za-z0-9]{76}AZDO  <62>{4}                Microsoft Learn, "Use personal access tokens"
azure-search-key           An admin key of Azure AI Search               [A-Za-z0-9]{42}AzSe  <62>{6}                Microsoft Learn, Azure AI Search, "Connect using API keys"
azure-registry-key         A password of Azure Container Registry        [A-Za-z0-9+/]{42}\+ACR  <b64>{6}            Microsoft Learn, Azure Container Registry
azure-function-key         A key of Azure Functions                      [\w-]{44}AzFu  [\w=-]{8}                    Microsoft Learn, "Work with access keys in Azure Functions"
azure-ai-key               A key of Azure AI services                    [A-Za-z0-9]{52}JQQJ99  <62>{26}             Microsoft Learn, Azure AI services, "Authentication"
alibaba-access-key         An access key id of Alibaba Cloud             LTAI  <62>{12,26}                           Alibaba Cloud RAM, "AccessKey pair"
tencent-secret-id          A secret id of Tencent Cloud                  AKID  <62>{32}                              Tencent Cloud CAM, "Access keys"
yandex-api-key             An API key of Yandex Cloud                    AQVN  <64>{35,38}                           Yandex Cloud IAM, "API key"
yandex-access-key          A static secret key of Yandex Cloud           YC  <64>{38}                                Yandex Cloud IAM, "Static access keys"
scaleway-access-key        An access key of Scaleway                     SCW  <up>{17}                               Scaleway IAM, "API keys"
exoscale-key               An API key of Exoscale                        EXO  <hex>{24}                              Exoscale IAM documentation
upcloud-token              An API token of UpCloud                       ucat_  <up>{26}                             UpCloud API documentation
digitalocean-token         A token of DigitalOcean                       do[opr]_v1_  <hex>{64}                      DigitalOcean, "Create a personal access token"
digitalocean-spaces-key    An access key of DigitalOcean Spaces          DO(?:00|801)  <up>{16,17}                   DigitalOcean, "Manage access keys"
heroku-token               A token of Heroku                             HRKU-  <64>{36,}                            Heroku Platform API Reference
fly-token                  A token of Fly.io                             (?:fo1_|fm[12][ar]?_)  [\w+/=-]{43,}        Fly.io, "Access tokens"
netlify-token              A personal access token of Netlify            nf[pcou]_  <62>{36,}                        Netlify API documentation
vercel-token               A token of Vercel                             vc[piarck]_  <62>{24,}                      Vercel, "Account settings, tokens"
vercel-blob-token          A read-write token of Vercel Blob             vercel_blob_rw_  <62>{10,20}_<62>{24,}      Vercel Blob documentation
render-key                 An API key of Render                          rnd_  <62>{28,}                             Render API documentation
cloudflare-origin-key      An origin CA key of Cloudflare                v1\.0-  <hex>{24}-<hex>{146}                Cloudflare, "Origin CA keys"
supabase-token             An access token of Supabase                   sb[ps]_(?:oauth_)?  <hex>{40}               Supabase Management API
supabase-secret-key        A secret API key of Supabase                  sb_secret_  <64>{20,}                       Supabase, "Understanding API keys"
planetscale-token          A token or password of PlanetScale            pscale_(?:tkn|oauth|pw|app_secret)_  [\w.-]{32,}  PlanetScale, "Service tokens"
neon-key                   An API key of Neon                            napi_  <low>{40,}                           Neon API Reference
neon-password              A generated password of Neon                  npg_  <62>{12,}                             Neon, "Connect from any application"
cockroach-key              An API key of CockroachDB Cloud               CCDB1_  <62>{22}_<62>{40}                   CockroachDB Cloud API
mongodb-atlas-secret       A client secret of MongoDB Atlas              mdb_sa_sk_  <64>{30,}                       MongoDB Atlas, "Service accounts"
aiven-password             A generated password of Aiven                 AVNS_  <64>{15,}                            Aiven documentation
aiven-token                A token of Aiven                              aivenv1  [A-Za-z0-9+/=]{100,}               Aiven API documentation
databricks-token           A token of Databricks                         (?:dapi|dose|dkea)  [0-9a-f]{32}(?:-[0-9])?  Databricks, "Personal access token authentication"
pinecone-key               An API key of Pinecone                        pcsk_  <62>{5,7}_<62>{40,}                  Pinecone, "Manage API keys"
clickhouse-key             A secret key of ClickHouse Cloud              4b1d  <62>{38}                              ClickHouse Cloud API
confluent-secret           An API secret of Confluent Cloud              cflt  <b64>{60}                             Confluent Cloud, "API keys"
elastic-key                An API key of Elastic Cloud                   essu_  [A-Za-z0-9+/=_-]{40,}                Elastic Cloud API
tailscale-key              A key of Tailscale                            tskey-(?:[a-z]+-)?  [A-Za-z0-9-]{16,}       Tailscale, "Key prefixes"
akamai-token               A token of Akamai EdgeGrid                    akab-  <low>{16}-<low>{16}                  Akamai, "Authenticate with EdgeGrid"
"""  # noqa: E501 a table reads better in one line each

_CONTEXTUAL = r"""
azure-client-secret-old    A client secret of Microsoft Entra ID         azure|entra|tenant                [A-Za-z0-9~._-]{34}   Microsoft Learn, "Register an application"
alibaba-secret-key         A secret key of Alibaba Cloud                 ali(?:baba|yun|cloud)             <62>{30}              Alibaba Cloud RAM, "AccessKey pair"
tencent-secret-key         A secret key of Tencent Cloud                 tencent|qcloud                    <62>{32}              Tencent Cloud CAM, "Access keys"
ibm-cloud-key              An API key of IBM Cloud                       ibm|bluemix                       <64>{44}              IBM Cloud, "Managing user API keys"
linode-token               A personal access token of Linode             linode|akamai                     <hex>{64}             Linode API, "Personal access tokens"
heroku-key                 An API key of Heroku in the older form        heroku                            <uuid>                Heroku Platform API Reference
hetzner-token              An API token of Hetzner Cloud                 hetzner|hcloud                    <62>{64}              Hetzner Cloud API
vultr-key                  An API key of Vultr                           vultr                             <up>{36}              Vultr API
scaleway-secret-key        A secret key of Scaleway                      scaleway|\bscw                    <uuid>                Scaleway IAM, "API keys"
railway-token              A token of Railway                            railway                           <uuid>                Railway public API
vercel-token-old           A token of Vercel in the older form           vercel                            <62>{24}              Vercel REST API
cloudflare-token           A token of Cloudflare                         cloudflare|\bcf[_-]               <64>{40}              Cloudflare, "Create API token"
cloudflare-global-key      The global API key of a Cloudflare account    cloudflare|\bcf[_-]|x-auth-key    <hex>{37}             Cloudflare, "Get Global API key"
fastly-token               A token of Fastly                             fastly                            <64>{32}              Fastly, "Using API tokens"
upstash-token              A token of Upstash                            upstash                           [A-Za-z0-9+/_=-]{40,}  Upstash REST API
godaddy-key                A key or secret of GoDaddy                    godaddy                           [A-Za-z0-9_]{22,37}   GoDaddy Developer Portal
algolia-key                An API key of Algolia                         algolia                           <hex>{32}             Algolia, "API keys"
openstack-password         An application credential of OpenStack        os_application_credential|openstack  <64>{86}           OpenStack Keystone documentation
"""  # noqa: E501

_SHAPED = (
    Format(
        rule="aws-secret-key",
        what="A secret access key of AWS.",
        how="40 letters, digits, `+` and `/` after a name such as `aws_secret_access_key`.",
        source='AWS IAM User Guide, "Manage access keys for IAM users"',
        coarse=r"(?i)aws[a-z_ -]*secret|secret_?access_?key",
        exact=r"(?i)(?:aws[a-z_ -]{0,20}secret|secret_?access_?key)[a-z_ -]{0,20}[\"'\]]{0,3}"
        r"\s{0,3}(?:[:=\n]|=>|is)\s{0,3}[\"']?([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|\z)",
    ),
    Format(
        rule="azure-storage-key",
        what="A key of Azure Storage, Cosmos DB or Batch.",
        how="`AccountKey=` and 86 letters, digits, `+` and `/` with `==`.",
        source='Microsoft Learn, "Configure Azure Storage connection strings"',
        coarse=r"(?i)AccountKey[=\"':\s]{1,5}[A-Za-z0-9+/]{8}",
        exact=r"(?i)AccountKey[=\"':\s]{1,5}([A-Za-z0-9+/]{86}==)",
    ),
    Format(
        rule="azure-shared-access-key",
        what="A shared access key of Azure Service Bus, Event Hubs or IoT Hub.",
        how="`SharedAccessKey=` and 43 letters, digits, `+` and `/` with `=`.",
        source='Microsoft Learn, "Get an Event Hubs connection string"',
        coarse=r"(?i)SharedAccessKey=[A-Za-z0-9+/]{8}",
        exact=r"(?i)SharedAccessKey=([A-Za-z0-9+/]{43}=)",
    ),
    Format(
        rule="azure-sas",
        what="The signature of an Azure shared access signature.",
        how="`sig=` with 43 letters, digits, `+` and `/`, as it stands in an address, beside `sv=`, `se=` or `sr=`.",
        source='Microsoft Learn, "Create a service SAS"',
        coarse=r"[?&;]sig=[A-Za-z0-9%+/]{8}|SharedAccessSignature",
        exact=r"\b(?:sv|se|sr|sp|st)=[^\s\"']{1,400}?&sig=([A-Za-z0-9%+/]{43,64}(?:=|%3[Dd])?)",
    ),
    Format(
        rule="azure-client-secret",
        what="A client secret of Microsoft Entra ID.",
        how="40 letters, digits, `_`, `.`, `~` and `-`, of which the fifth and sixth are `Q~`.",
        source='Microsoft Learn, "Register an application with the Microsoft identity platform"',
        coarse=r"[A-Za-z0-9][0-9]Q~",
        exact=r"(?:^|[^\w.~-])([A-Za-z0-9_.~-]{3}[0-9]Q~[A-Za-z0-9_.~-]{31,34})(?:[^\w~]|\z)",
    ),
)

CLOUD = (*prefixed(_PREFIXED), *contextual(_CONTEXTUAL), *_SHAPED)
