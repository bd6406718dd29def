"""Credentials of language models and of the services around them: search, speech, vectors, observation."""

from twokey.detectors.secret_formats import Format, contextual, prefixed

_PREFIXED = r"""
anthropic-key              A key of Anthropic                            sk-ant-(?:api|admin|sid|oat|ort)[0-9]{2}-  <64>{32,}  Anthropic, "API overview"
openrouter-key             A key of OpenRouter                           sk-or-(?:v[0-9]-)?  <hex>{48,}              OpenRouter, "Authentication"
langfuse-key               A secret key of Langfuse                      sk-lf-  <uuid>                              Langfuse, "Public API"
helicone-key               A key of Helicone                             (?:sk|pk)-helicone-  [a-z0-9-]{20,}         Helicone documentation
groq-key                   A key of Groq                                 gsk_  <62>{40,}                             Groq, "API keys"
xai-key                    A key of xAI                                  xai-  <62>{60,}                             xAI, "Getting started"
perplexity-key             A key of Perplexity                           pplx-  <62>{40,}                            Perplexity, "API key management"
replicate-token            A token of Replicate                          r8_  <62>{37}                               Replicate, "API tokens"
huggingface-token          A token of Hugging Face                       (?:hf_|api_org_)  <62>{34}                  Hugging Face, "User access tokens"
cerebras-key               A key of Cerebras                             csk-  <low>{40,}                            Cerebras Inference documentation
nvidia-key                 A key of NVIDIA's API catalogue               nvapi-  <64>{60,}                           NVIDIA NIM, "API key"
elevenlabs-key             A key of ElevenLabs                           sk_  <hex>{48}                              ElevenLabs, "Authentication"
fireworks-key              A key of Fireworks AI                         fw_  <62>{22,24}                            Fireworks, "API keys"
together-key               A key of Together AI                          tgp_v1_  <64>{40,}                          Together AI, "API keys"
voyage-key                 A key of Voyage AI                            (?:pa|al)-  <64>{43}                        Voyage AI, "API key"
jina-key                   A key of Jina AI                              jina_  <62>{50,}                            Jina AI documentation
tavily-key                 A key of Tavily                               tvly-(?:dev-|prod-)?  <64>{28,}             Tavily, "API reference"
firecrawl-key              A key of Firecrawl                            fc-  <hex>{32}                              Firecrawl documentation
runpod-key                 A key of RunPod                               rpa_  <up>{40,}                             RunPod, "API keys"
e2b-key                    A key of E2B                                  e2b_  <hex>{40}                             E2B documentation
cursor-key                 A key of Cursor                               key_  <hex>{64}                             Cursor, "Admin API"
apify-token                A token of Apify                              apify_api_  <62>{34,40}                     Apify, "API integration"
llamacloud-key             A key of LlamaCloud                           llx-  <62>{40,}                             LlamaCloud, "API key"
mem0-key                   A key of Mem0                                 m0-  <62>{36,}                              Mem0 documentation
anyscale-key               A key of Anyscale                             esecret_  <low>{24,}                        Anyscale documentation
langsmith-key              A key of LangSmith                            (?:lsv2_(?:pt|sk)_|ls__)  [0-9a-f]{32}(?:_[0-9a-f]{10})?  LangSmith, "Create an account and API key"
wandb-key                  A key of Weights & Biases                     wandb_v1_  [\w-]{40,}                       Weights & Biases, "API keys"
modal-secret               A token secret of Modal                       as-  <62>{22}                               Modal, "Token authentication"
browserbase-key            A key of Browserbase                          bb_(?:live|test)_  [\w-]{20,}               Browserbase documentation
braintrust-key             A key of Braintrust or Portkey                (?:bt-st-|pk-portkey-)  [\w-]{30,}          Braintrust, "API keys"
"""  # noqa: E501 a table reads better in one line each

_CONTEXTUAL = r"""
cohere-key                 A key of Cohere                               cohere|\bco_                      <62>{40}              Cohere, "API keys"
mistral-key                A key of Mistral AI                           mistral                           <62>{32}              Mistral AI, "API keys"
ai21-key                   A key of AI21                                 ai21                              (?:<62>{32}|<uuid>)   AI21 documentation
together-key-old           A key of Together AI in the older form        together                          <hex>{64}             Together AI, "API keys"
azure-openai-key           A key of Azure OpenAI in the older form       azure|openai                      <hex>{32}             Microsoft Learn, Azure OpenAI
assemblyai-key             A key of AssemblyAI                           assembly.?ai                      <hex>{32}             AssemblyAI, "Authentication"
deepgram-key               A key of Deepgram                             deepgram                          <hex>{40}             Deepgram, "Authentication"
serpapi-key                A key of SerpApi                              serp.?api                         <hex>{64}             SerpApi documentation
serper-key                 A key of Serper                               serper                            <hex>{40}             Serper documentation
exa-key                    A key of Exa                                  \bexa[_ .-]                       <uuid>                Exa documentation
wandb-key-old              A key of Weights & Biases in the older form   wandb|weights ?(?:&|and) ?biases  <hex>{40}             Weights & Biases, "API keys"
"""  # noqa: E501

_SHAPED = (
    Format(
        rule="openai-key",
        what="A key of OpenAI, or of a service that writes its keys alike.",
        how="`sk-`, then `proj-`, `svcacct-`, `admin-` or `None-` and 20 or more letters, digits, `_` and `-`; or 32 "
        "or more letters and digits.",
        source="OpenAI, API reference, Authentication; DeepSeek, Moonshot and Stability AI write keys alike",
        coarse=r"\bsk-[A-Za-z0-9_-]{8}",
        exact=r"\b(sk-(?:(?:proj|svcacct|admin|None|service|live|prod)-[A-Za-z0-9_-]{20,}|[A-Za-z0-9]{32,}))(?:\W|\z)",
    ),
)

MODELS = (*prefixed(_PREFIXED), *contextual(_CONTEXTUAL), *_SHAPED)
