"""Credentials of payment, shops and delivery."""

from twokey.detectors.secret_formats import contextual, prefixed

_PREFIXED = r"""
stripe-key                 A secret key of Stripe, or of who writes it alike  (?:[sr]k_(?:live|test|prod)|whsec)_  [A-Za-z0-9+/]{16,}  Stripe, "API keys"
square-token               A token of Square                             sq0(?:atp|csp|idp)-  <64>{22,43}            Square, "Access tokens"
square-access-token        An access token of Square                     EAAA[a-zA-Z]  <64>{56,60}                   Square, "Access tokens"
braintree-token            An access token of Braintree                  access_token\$(?:production|sandbox)\$  [a-z0-9]{16}\$[0-9a-f]{32}  Braintree, "API credentials"
adyen-key                  An API key of Adyen                           AQE[A-Za-z0-9]hm  [A-Za-z0-9+/=.^*~!@#%&?-]{60,}  Adyen, "API credentials"
plaid-token                An access token of Plaid                      access-(?:sandbox|development|production)-  <uuid>  Plaid, "Tokens"
razorpay-key               A key of Razorpay                             rzp_(?:live|test)_  <62>{14,}               Razorpay, "API keys"
mollie-key                 A key of Mollie, or of who writes it alike    live_  <62>{30,}                           Mollie, "Authentication"
flutterwave-key            A secret key of Flutterwave                   FLWSECK(?:_TEST)?-  [0-9a-zA-Z]{12,}(?:-X)?  Flutterwave, "API keys"
paddle-key                 A key of Paddle                               pdl_(?:live|sdbx)_apikey_  [A-Za-z0-9_]{40,}  Paddle, "API keys"
easypost-key               A key of EasyPost                             EZ[AT]K  <62>{54}                           EasyPost, "Authentication"
shippo-token               A token of Shippo                             shippo_(?:live|test)_  <hex>{40}            Shippo, "Authentication"
duffel-token               A token of Duffel                             duffel_(?:live|test)_  [\w=-]{40,}          Duffel, "Making requests"
shopify-token              A token or secret of Shopify                  shp(?:at|ca|pa|ss)_  [a-fA-F0-9]{32}        Shopify, "Access tokens"
woocommerce-key            A key of WooCommerce                          c[ks]_  <hex>{40}                           WooCommerce REST API
klarna-key                 A key of Klarna                               klarna_(?:live|test)_api_  [\w+/=-]{40,}    Klarna, "Authentication"
"""  # noqa: E501 a table reads better in one line each

_CONTEXTUAL = r"""
paypal-secret              A client secret of PayPal                     paypal                            E[A-Za-z0-9_-]{79}    PayPal, "REST APIs"
plaid-secret               A secret of Plaid                             plaid                             <hex>{30}             Plaid, "API keys"
gocardless-token           A token of GoCardless                         gocardless                        live_[\w=-]{40}       GoCardless, "Access tokens"
coinbase-key               A key or secret of Coinbase                   coinbase                          <62>{32}|<64>{64}     Coinbase, "API key authentication"
binance-key                A key or secret of Binance                    binance                           <62>{64}              Binance, "API key types"
kraken-secret              A private key of Kraken                       kraken                            [A-Za-z0-9+/]{86}==   Kraken, "API keys"
wise-token                 A token of Wise                               transferwise|\bwise               <uuid>                Wise, "API tokens"
bigcommerce-token          A token of BigCommerce                        bigcommerce                       <low>{31,32}          BigCommerce, "API accounts"
etsy-key                   A keystring of Etsy                           etsy                              <low>{24}             Etsy Open API
infura-key                 A key of Infura                               infura                            <hex>{32}             Infura documentation
alchemy-key                A key of Alchemy                              alchemy                           <64>{32}              Alchemy documentation
etherscan-key              A key of Etherscan                            etherscan                         <up>{34}              Etherscan documentation
"""  # noqa: E501

PAYMENT = (*prefixed(_PREFIXED), *contextual(_CONTEXTUAL))
