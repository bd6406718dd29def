"""Credentials of chat, mail, telephony and social networks, and addresses to which whoever knows them may post."""

from twokey.detectors.secret_checks import looks_random
from twokey.detectors.secret_formats import UUID, Format, contextual, prefixed

_PREFIXED = r"""
slack-token                A token of Slack                              (?:xox[abeoprsd]|xapp|xwfp|xoxe\.xox[bp])-  [A-Za-z0-9-]{10,}  Slack, "Token types"
sendgrid-key               A key of SendGrid                             SG\.  <64>{20,24}\.<64>{39,50}              SendGrid, "API keys"
twilio-key                 A key of Twilio                               SK  <hex>{32}                               Twilio, "API keys"
mailgun-key                A key of Mailgun                              (?:key|pubkey)-  <hex>{32}                  Mailgun, "API authentication"
mailchimp-key              A key of Mailchimp                            [0-9a-f]{32}-us  [0-9]{1,2}                 Mailchimp, "About API keys"
mandrill-key               A key of Mailchimp Transactional              md-  <64>{22}                               Mailchimp Transactional, "API keys"
brevo-key                  A key of Brevo                                x(?:keys|smtps)ib-  <hex>{64}-<62>{16}      Brevo, "API keys"
resend-key                 A key of Resend                               re_  <62>{8}_<62>{20,}                      Resend, "API keys"
mailersend-token           A token of MailerSend                         mlsn\.  <hex>{64}                           MailerSend, "API token"
lob-key                    A key of Lob, or of who writes it alike      (?:live|test)_pub_  <hex>{31}               Lob, "API keys"
matrix-token               An access token of Matrix (Synapse)           syt_  [A-Za-z0-9+/=]{1,60}_[A-Za-z]{20}_[A-Za-z0-9]{6}  Synapse documentation
facebook-token             An access token of Facebook                   EAA[A-Z]  <62>{60,}                         Meta for Developers, "Access tokens"
instagram-token            An access token of Instagram                  IG(?:QV|QW|AA)  [\w-]{60,}                  Meta for Developers, "Instagram platform"
x-bearer-token             A bearer token of X                           AAAAAAAAAAAAAAAAAAAA  [A-Za-z0-9%]{60,}     X, "OAuth 2.0 Bearer Token"
linkedin-secret            A client secret of LinkedIn                   WPL_AP[01]\.  [\w.+/=-]{20,}                LinkedIn, "Authentication"
telnyx-key                 A key of Telnyx                               KEY[0-9A-F]{32}_  <62>{22}                  Telnyx, "Authentication"
dropbox-token              A token of Dropbox                            sl\.(?:u\.)?  <64>{100,}                    Dropbox, "OAuth guide"
onesignal-key              A key of OneSignal                            os_v2_(?:app|org)_  <low>{80,}              OneSignal, "Keys and IDs"
courier-key                A key of Courier                              (?:dk|pk)_(?:prod|test)_  <up>{28}          Courier, "API keys"
"""  # noqa: E501 a table reads better in one line each

_CONTEXTUAL = r"""
discord-secret             A client secret of Discord                    discord                           <64>{32}              Discord, "OAuth2"
twilio-token               An auth token of Twilio                       twilio|\bAC[0-9a-f]{32}           <hex>{32}             Twilio, "Auth tokens"
postmark-key               A server token of Postmark                    postmark                          <uuid>                Postmark, "Authentication"
sparkpost-key              A key of SparkPost                            sparkpost                         <hex>{40}             SparkPost, "API keys"
mailjet-key                A key or secret of Mailjet                    mailjet                           <hex>{32}             Mailjet, "Authentication"
vonage-secret              A secret of Vonage                            vonage|nexmo                      [A-Za-z0-9]{16}       Vonage, "Authentication"
messagebird-key            A key of MessageBird                          messagebird                       <62>{25}              MessageBird, "Authentication"
plivo-token                An auth token of Plivo                        plivo                             <62>{40}              Plivo, "Authentication"
pusher-secret              A secret of Pusher                            pusher                            <hex>{20}             Pusher Channels documentation
ably-key                   A key of Ably                                 ably                              <64>{6}\.<64>{6}:<64>{22,43}  Ably, "Basic authentication"
facebook-secret            An app secret of Facebook                     facebook|\bfb[_ -]|meta[_ -]app   <hex>{32}             Meta for Developers, "App secret"
twitter-secret             A secret of X                                 twitter|\bx[_-](?:api|consumer|access)  <62>{35,50}     X, "OAuth 1.0a"
linkedin-key               A client secret of LinkedIn, the older form   linkedin                          <62>{16}              LinkedIn, "Authentication"
twitch-secret              A secret or token of Twitch                   twitch                            <low>{30}             Twitch, "Authentication"
spotify-secret             A client secret of Spotify                    spotify                           <hex>{32}             Spotify, "Authorization"
reddit-secret              A client secret of Reddit                     reddit                            <64>{27,30}           Reddit, "OAuth2"
zendesk-token              A token of Zendesk                            zendesk                           <62>{40}              Zendesk, "API token"
intercom-token             An access token of Intercom                   intercom                          dG9r[A-Za-z0-9+/_-]{50,}={0,2}  Intercom, "Authentication"
zoom-secret                A client secret of Zoom                       zoom                              <62>{32}              Zoom, "Server-to-server OAuth"
box-secret                 A client secret of Box                        \bbox[_ .-]                       <62>{32}              Box, "OAuth 2.0"
"""  # noqa: E501


def _address(rule: str, what: str, place: str, secret: str, source: str) -> Format:
    """Return the format of an address whose last part is the secret: whoever has it may post."""
    return Format(
        rule=rule,
        what=f"{what}.",
        how=f"An address at `{place}` whose last part is the secret.",
        source=source,
        coarse=rf"(?i){place}",
        exact=rf"(?i){place}({secret})",
        check=looks_random,
    )


_SHAPED = (
    _address("slack-webhook", "An incoming webhook of Slack", r"hooks\.slack\.com/(?:services|workflows|triggers)/",
             r"[A-Za-z0-9+/]{20,}", 'Slack, "Sending messages using incoming webhooks"'),
    _address("discord-webhook", "A webhook of Discord", r"discord(?:app)?\.com/api/(?:v[0-9]{1,2}/)?webhooks/",
             r"[0-9]{17,20}/[A-Za-z0-9_-]{60,}", 'Discord, "Webhook resource"'),
    _address("teams-webhook", "An incoming webhook of Microsoft Teams", r"webhook\.office\.com/webhookb2/",
             rf"{UUID}@{UUID}/IncomingWebhook/[0-9a-f]{{32}}/[0-9a-fA-F-]{{36}}(?:/[\w-]+)?",
             'Microsoft Learn, "Create incoming webhooks"'),
    _address("google-chat-webhook", "A webhook of Google Chat", r"chat\.googleapis\.com/v1/spaces/",
             r"[\w-]{5,20}/messages\?key=[\w-]{20,60}&token=[\w%-]{20,}", 'Google Chat, "Build as a webhook"'),
    _address("zapier-webhook", "A webhook of Zapier", r"hooks\.zapier\.com/hooks/catch/",
             r"[0-9]{5,10}/[a-z0-9]{6,10}", 'Zapier, "Trigger Zaps from webhooks"'),
    _address("make-webhook", "A webhook of Make", r"hook\.[a-z0-9.]{0,8}(?:make|integromat)\.com/",
             r"[a-z0-9]{32}", 'Make, "Webhooks"'),
    Format(
        rule="mailgun-key-new",
        what="A key of Mailgun in the newer form.",
        how="32, 8 and 8 hexadecimal digits with hyphens.",
        source='Mailgun, "API authentication"',
        coarse=r"-[0-9a-f]{8}-[0-9a-f]{8}",
        exact=r"\b([0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8})(?:[^\w-]|\z)",
    ),
    Format(
        rule="discord-token",
        what="A bot's token of Discord.",
        how="Three parts with dots: the bot's number in base64, a time, and 27 to 38 letters, digits, `_` and `-`.",
        source='Discord, "Authentication"',
        coarse=r"\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27}",
        exact=r"\b([MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38})(?:\W|\z)",
    ),
    Format(
        rule="telegram-bot-token",
        what="A bot's token of Telegram.",
        how="The bot's number, a colon, and 35 letters, digits, `_` and `-`, of which the first are `AA`.",
        source='Telegram, "Bot API: authorizing your bot"',
        coarse=r"[0-9]:AA[A-Za-z0-9_-]{4}",
        exact=r"(?:\b|bot)([0-9]{8,10}:AA[A-Za-z0-9_-]{32,33})(?:\W|\z)",
    ),
)  # fmt: skip

CHAT = (*prefixed(_PREFIXED), *contextual(_CONTEXTUAL), *_SHAPED)
