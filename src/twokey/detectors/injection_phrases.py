"""The phrases of attempts at injection: what people write to make a model leave its instructions. Only expressions.

Written from the published descriptions of such attacks (OWASP Top 10 for LLM Applications, LLM01; Perez and Ribeiro
2022; Greshake et al. 2023; Shen et al. 2024), never from a list of prompts: each names an act and its object, with room
for words between them. In RE2's syntax, ignoring case.
"""

_GAP = r"[\s,\"'“”*_]+(?:[\pL\pN\x{2019}'\-]+[\s,\"'“”*_]+)"
_FEW = _GAP + "{0,4}"
_SOME = _GAP + "{0,8}"
_RULES_EN = (
    r"(?:instructions?|prompts?|rules|guidelines|directions|directives|commands?|orders|programming|training"
    r"|polic(?:y|ies)|restrictions|safeguards|constraints|protocols)"
)
_BEFORE_EN = (
    r"(?:previous|prior|above|earlier|preceding|foregoing|initial|original|existing|former|system|your|openai'?s?"
    r"|content|safety|ethical)"
)
_DROP_EN = (
    r"(?:ignor(?:e|ing)|disregard(?:ing)?|forget(?:ting)?|overrid(?:e|ing)|bypass(?:ing)?|circumvent|set aside"
    r"|pay no attention to|(?:do not|don['\x{2019}]?t|stop|no longer) (?:follow(?:ing)?|obey(?:ing)?"
    r"|adher(?:e|ing) to)"
    r"|abandon|discard|throw away|break)"
)

OVERRIDE = (
    # English
    rf"(?i)\b{_DROP_EN}\b{_FEW}{_BEFORE_EN}\b{_FEW}{_RULES_EN}\b",
    rf"(?i)\b{_DROP_EN}\b{_FEW}{_RULES_EN}\b{_FEW}(?:you|above|before|given|so far|until now)\b",
    r"(?i)\b(?:forget|ignore|disregard)\b(?:\s+\pL+){0,2}\s+(?:everything|anything|all|what|whatever)\b"
    r"(?:\s+\pL+){0,3}\s+"
    r"(?:above|before|previously|told|said|were given|have been given|learned|know)\b",
    r"(?i)\b(?:new|updated|revised|real|actual) (?:system )?(?:instructions|prompt|directives?) ?(?::"
    r"|are\b|is\b|follow)",
    # German
    r"(?i)\b(?:ignorier(?:e|en)?|vergi(?:ss|ß)|vergesst|vergessen sie|missachte|übergehe?)\b"
    r"(?:[\s,]+\pL+){0,5}[\s,]+"
    r"(?:anweisung|instruktion|befehl|regel|vorgabe|richtlinie|anordnung)\pL*",
    # French
    r"(?i)\b(?:ignore[rz]?|oublie[rz]?|néglige[rz]?|outrepasse[rz]?|ne (?:tiens|tenez) (?:pas|plus) compte)\b"
    r"(?:[\s,]+[\pL\x{2019}']+){0,4}[\s,]+(?:instructions?|consignes?|règles?|directives?)\b",
    # Spanish, Italian, Portuguese
    r"(?i)\b(?:ignor[ae]|olvid[ae]|omit[ae]|desobedece|descarta|haz caso omiso de)\b(?:[\s,]+\pL+){0,4}[\s,]+"
    r"(?:instrucciones|órdenes|reglas|indicaciones|directrices)\b",
    r"(?i)\b(?:ignora(?:re)?|dimentica(?:re)?|trascura|non seguire)\b(?:[\s,]+\pL+){0,4}[\s,]+"
    r"(?:istruzioni|regole|direttive|indicazioni)\b",
    r"(?i)\b(?:ignor[ae]r?|esque(?:ça|ce)|desconsider[ae]|desrespeite)\b(?:[\s,]+\pL+){0,4}[\s,]+"
    r"(?:instruções|ordens|regras|diretrizes|orientações)\b",
    # Dutch, Polish
    r"(?i)\b(?:negeer|vergeet)\b(?:[\s,]+\pL+){0,4}[\s,]+(?:instructies|regels|opdrachten|aanwijzingen"
    r"|richtlijnen)\b",
    r"(?i)\b(?:z?ignoruj|zapomnij|pomiń)\b(?:[\s,]+\pL+){0,4}[\s,]+(?:instrukcj|poleceni|zasad|wytyczn)\pL*",
)

_LIMITS = (
    r"(?:restrictions?|limits?|limitations?|filters?|filtering|rules|guidelines|polic(?:y|ies"
    r"|y['\x{2019}]s)|censorship|constraints"
    r"|boundaries|morals?|morality|ethics|ethical|safeguards|laws|inhibitions|principles|regulations)"
)
UNRESTRICTED = (
    rf"(?i)\b(?:you|it|he|she|who|which|that|and|character|ai|bot|assistant|they)\b{_FEW}"
    rf"(?:have|has|having|with|without|follows?|obeys?|knows?)\s+(?:absolutely\s+)?(?:no|zero|not any)\s+"
    rf"(?:\pL+\s+){{0,4}}{_LIMITS}\b",
    rf"(?i)\bwithout\s+(?:any\s+|the\s+)?(?:\pL+\s+){{0,2}}{_LIMITS}\b",
    rf"(?i)\b(?:not|no longer|never|isn['\x{{2019}}]t|aren['\x{{2019}}]t|un)\s*(?:be\s+|longer\s+)?(?:bound"
    rf"|restricted|limited|constrained"
    rf"|governed|restrained|censored|confined)\b{_FEW}(?:by|to|in)\b",
    rf"(?i)\b(?:free|freed|liberated|exempt|broken free)\s+(?:from|of)\b{_SOME}{_LIMITS}\b",
    r"(?i)\b(?:un(?:restricted|filtered|censored|moderated)|amoral|jail-?bro?ken?|jail-?break(?:ing|ed)?)\b"
    r"(?:\s+(?:\pL+\s+){0,3}(?:ai|model|assistant|chatbot|bot|version|mode|response|answer|character|prompt|and))",
    r"(?i)\bdo anything now\b",
    r"(?i)\b(?:developer|debug|god|sudo|admin|jailbreak|dan|evil|unrestricted|opposite) mode\b",
    r"(?i)\b(?:never|not|don['\x{2019}]?t|won['\x{2019}]?t|cannot|can['\x{2019}]?t|must not"
    r"|refrain from)\s+(?:ever\s+|to\s+)?(?:refus\w+|declin\w+|reject"
    r"|apologi[sz]e|censor|say\w*\s+(?:no\b|sorry|[\"'“]?i['\x{2019}]?m sorry|(?:that )?(?:you|it|he) can"
    r"(?:['\x{2019}]?t|not)|i can(?:['\x{2019}]?t|not)))",
    r"(?i)\b(?:answer|respond|reply|comply|fulfil+|obey|do)\b(?:\s+\pL+){0,6}\s+(?:no matter"
    r"|regardless of|even if)\b"
    r"(?:\s+\pL+){0,5}\s+(?:illegal|immoral|unethical|harmful|offensive|inappropriate|dangerous|wrong"
    r"|consequences|bad)\b",
    r"(?i)\b(?:illegal|immoral|unethical|harmful|offensive|dangerous)\b(?:[\s,]+(?:and|or|acts?|answers?"
    r"|things?|content"
    r"|requests?)){0,3}[\s,]+(?:is|are|will be|would be)\s+(?:\pL+\s+)?(?:allowed|permitted|fine|ok|okay|welcome"
    r"|encouraged|recommended|normal|legal)\b",
)

PERSONA = (
    r"(?i)\b(?:i want you to|i need you to|you (?:will|must|should|shall|have to|are to|are going to)|let['\x{2019}]s"
    r"|we are going to|for this (?:conversation|task),?)\s+(?:now\s+)?(?:act|pretend|role-?play|behave|impersonate"
    r"|simulate|play)\s+(?:as|to be|that|like|the (?:role|part|character)|a (?:role|part|character|game))\b",
    r"(?i)\byou(?:\s+are|['\x{2019}]re|\s+will)\s+(?:now\s+)?(?:no longer|not)\s+(?:be\s+)?(?:an?\s+)?"
    r"(?:chat\s?gpt|gpt|ai\b|assistant"
    r"|language model|bot\b|claude|gemini|bard|llama|artificial)",
    r"(?i)\b(?:from now on|henceforth|for the rest of (?:this|our) (?:conversation|chat))\b.{0,40}\byou"
    r"(?:['\x{2019}]re|['\x{2019}]ll|\s+(?:are|will|must|should|shall|have))\b",
    r"(?i)\b(?:stay|remain|always be|be|keep|staying)\s+in\s+(?:your\s+)?character\b|\bbreak(?:ing)?\s+"
    r"(?:the\s+)?character\b",
    r"(?i)\b(?:pretend|imagine|act|roleplay|role-play|simulate|emulate|behave)\b.{0,60}\b(?:evil|amoral"
    r"|unethical|immoral"
    r"|malicious|villain|rebellious|sentient|conscious|freed|rogue|with no (?:rules|limits)"
    r"|has access to the internet"
    r"|two responses)\b",
    r"(?i)\b(?:two|both|2)\s+(?:different\s+|separate\s+)?(?:responses|answers|replies|outputs"
    r"|ways)\b.{0,80}\b(?:chat\s?gpt|gpt|normal|standard|classic)\b",
    r"(?i)\byou\s+(?:are|will be|['\x{2019}]re)\s+(?:going\s+to\s+)?(?:now\s+)?(?:playing|play|acting|act"
    r"|pretend|pretending|portray|simulat\w+|becom\w+|roleplay\w*)\b",
    r"(?i)\bas\s+(?:an?\s+)?(?:\pL+\s+){0,3}(?:ai|model|chatbot|persona|alter ego)\s+(?:with|that|who"
    r"|which)\s+(?:has|have|is|can|does)?\s*"
    r"(?:no|not|never|without|do anything)\b",
)

PROBE = (
    r"(?i)\b(?:show|reveal|print|repeat|output|display|tell|give|share|leak|dump|recite|write|disclose"
    r"|expose|copy|quote)\b"
    r"(?:\s+\pL+){0,4}\s+(?:your|the)\s+(?:\pL+\s+)?(?:system|initial|original|hidden|secret|internal"
    r"|full|first|exact|base|pre-?)"
    r"\s*(?:\pL+\s+)?(?:prompt|instructions?|message|directives?|guidelines|rules)\b",
    r"(?i)\bwhat(?:['\x{2019}]s|\s+(?:is|are|was|were))\s+(?:your|the)\s+(?:exact\s+|full\s+|own\s+)?"
    r"(?:system|initial|original|hidden|secret"
    r"|internal)\s+(?:prompt|instructions?|message|rules|guidelines)\b",
    r"(?i)\b(?:repeat|print|output|copy|return|echo|translate|summari[sz]e)\b(?:\s+\pL+){0,3}\s+"
    r"(?:everything|words|text|all|content|lines?)\b"
    r"(?:\s+\pL+){0,3}\s+above\b",
    r"(?i)\bwhat (?:were you|have you been|did they) (?:told|tell you|instructed|programmed)\b",
    r"(?i)\b(?:zeige?|nenne?|verrate?|gib)\b(?:\s+\pL+){0,4}\s+(?:system-?prompt|systemanweisung\pL*"
    r"|ursprüngliche\w* anweisung\pL*)",
    r"(?i)\b(?:montre|affiche|révèle|muestra|revela|mostra|toon)\b(?:[\s-]+\pL+){0,4}\s+(?:(?:prompt"
    r"|invite|instrucciones|instructions?|istruzioni|instruções)"
    r"\s+(?:système|du système|del? sistema|do sistema|di sistema)|systeemprompt)",
)

DELIMITER = (
    r"<\|(?:im_start|im_end|system|user|assistant|endoftext|begin_of_text|eot_id|start_header_id|end_header_id)\|>",
    r"\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|<\x{ff5c}[A-Za-z▁ ]{1,30}\x{ff5c}>",
    r"(?i)</?(?:system|system[_-]?prompt|instructions?|assistant|user[_-]?input|untrusted|admin)>",
    r"(?im)^\s*(?:#{2,}\s*|\[|\*\*|\$)?(?:system|assistant|developer)(?:\s+(?:prompt|message|override"
    r"|note|instructions?))?\s*(?:\]|\*\*)?\s*:",
    r"(?im)^\s*#{2,}\s*(?:instructions?|system|response)\b",
    r"(?i)[\"']role[\"']\s*:\s*[\"'](?:system|developer|assistant)[\"']",
    r"(?i)\b(?:end|begin|start)(?:ning)?\s+of\s+(?:the\s+)?(?:system\s+|user\s+|new\s+)?(?:prompt"
    r"|instructions?)\b",
    "[\U000e0020-\U000e007e]{3}",
)

_CODES = (
    r"(?:base ?64|base ?32|rot ?-?13|caesar|hex(?:adecimal)?|morse|binary|ascii codes?|leet(?:speak)?|url[- ]encoded"
    r"|pig latin|cipher|encoded)"
)
ENCODED = (
    rf"(?i)\b(?:decode|decrypt|decipher|unscramble)\b.{{0,60}}\b{_CODES}\b.{{0,80}}\b(?:follow|execute"
    rf"|obey|do what|do as|run|answer|comply|instructions?)\b",
    rf"(?i)\b{_CODES}\b.{{0,60}}\b(?:decode|decrypt)\b.{{0,60}}\b(?:follow|execute|obey|do what|do as|run"
    rf"|answer|comply|instructions?)\b",
    rf"(?i)\b(?:respond|reply|answer|encode|write|output|speak|communicate)\b(?:\s+\pL+){{0,5}}\s+(?:in|as"
    rf"|using|with|to)\s+(?:only\s+)?{_CODES}\b",
    r"(?i)\b(?:decode|decrypt|execute|follow)\b[^\n]{0,60}[:\n]\s*[A-Za-z0-9+/]{40,}={0,2}",
)
