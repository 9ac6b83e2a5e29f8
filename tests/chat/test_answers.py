"""What people are told from the knowledge alone, by user type and subject."""

import jwt
import pytest

from chalicelib.adapters.keyless import KeylessModel
from chalicelib.chat.cues import load
from chalicelib.knowledge import seed
from tests.chat.room import IDENTITY_KEY, Room


def keyless(**claims: str) -> Room:
    room = Room()
    room.model = KeylessModel(room.clock, 0.0)  # type: ignore[assignment]
    identity = {}
    if claims:
        expiry = room.clock.now() // 1000 + 300
        token = jwt.encode({"sub": "p1", "exp": expiry, **claims}, IDENTITY_KEY, algorithm="HS256")
        identity = {"identityToken": token}
    room.start(**identity)
    return room


@pytest.mark.requirement("R4.2", "R4.3", "R4.4", "R4.5")
@pytest.mark.parametrize(
    ("question", "entry", "word"),
    [
        ("como aceito um pedido?", "provider-pedidos", "aceit"),
        ("quero recusar uma solicitação", "provider-pedidos", "recus"),
        ("como atualizo minha disponibilidade?", "provider-perfil", "disponibilidade"),
        ("quando recebo o pagamento dos serviços?", "provider-pagamento", "dias úteis"),
    ],
)
def test_providers_get_answers_about_their_work(question: str, entry: str, word: str) -> None:
    reply = keyless(user_type="provider").ask(question)
    assert reply["sources"][0]["entryId"] == entry and word in reply["content"].lower()


def test_clients_are_not_given_what_is_meant_for_providers() -> None:
    reply = keyless(user_type="client").ask("como aceito um pedido?")
    assert not any(source["entryId"].startswith("provider-") for source in reply["sources"])


@pytest.mark.requirement("R3.1", "R3.3")
def test_how_to_request_a_service_is_answered_step_by_step_with_a_link() -> None:
    reply = keyless().ask("como solicito um serviço?")
    assert "\n2. " in reply["content"] and any(action["url"] == "/services/" for action in reply["actions"])


@pytest.mark.requirement("R2.4")
def test_a_question_for_the_price_is_answered_with_the_price_first() -> None:
    content = keyless().ask("quanto custa uma faxina?")["content"]
    assert content.startswith("**Limpeza:** R$ 150") and "**Quem faz:**" in content


def test_one_particular_is_answered_with_its_paragraph_only() -> None:
    content = keyless().ask("a diarista leva os produtos de limpeza?")["content"]
    assert content.startswith("Os produtos de limpeza podem ser seus") and "\n\n" not in content


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("O cuidador faz a faxina também?", "não fazem parte"),
        ("Se chover no dia, o conserto do telhado é remarcado?", "Com chuva, o trabalho é remarcado sem custo"),
        ("A passadeira também lava?", "Lavar, costurar"),
        ("preciso de um pintor", "O pintor cuida de paredes"),
    ],
)
def test_the_name_of_a_service_does_not_draw_the_answer_to_where_it_is_said(question: str, told: str) -> None:
    assert told in keyless().ask(question)["content"]


def test_a_word_and_its_synonyms_count_once_for_a_paragraph() -> None:
    content = keyless(user_type="provider").ask("Como contesto uma avaliação injusta?")["content"]
    assert "pode ser contestada em Ajuda e Suporte" in content


@pytest.mark.parametrize(
    ("question", "time"),
    [
        ("quanto tempo leva uma faxina?", "6 a 8 horas"),
        ("quando posso remarcar?", "24 horas"),
        ("quanto tempo demora a pintura de um quarto?", "1 a 2 dias"),
    ],
)
def test_asked_when_or_how_long_the_paragraph_with_a_time_answers(question: str, time: str) -> None:
    content = keyless().ask(question)["content"]
    assert time in content and "\n\n" not in content


def test_after_a_slip_what_was_meant_is_the_subject() -> None:
    room = keyless()
    room.ask("quanto custa um encanador?")
    for said in ("ops, errei, na verdade é eletricista", "e o preço?"):
        assert room.ask(said)["sources"][0]["entryId"] == "service-eletrica"


def test_a_question_that_leads_on_and_names_its_own_subject_leaves_the_last_one() -> None:
    room = keyless(user_type="provider")
    room.ask("terminei o serviço ontem, quando recebo?")
    assert "15%" in room.ask("e qual a porcentagem que vocês ficam?")["content"]


@pytest.mark.requirement("R6.1")
def test_a_guess_is_told_as_one() -> None:
    guess = keyless().ask("qual a capital da frança")
    assert guess["content"].startswith("Não sei se é bem isto") and guess["sources"]
    assert "Não sei" not in keyless().ask("quanto custa uma faxina?")["content"]


@pytest.mark.requirement("R2.5")
def test_after_its_follow_ups_an_answer_suggests_something_related_that_they_do_not_ask_for() -> None:
    entries = {entry.id: entry for entry in seed.entries()}
    room = keyless()
    for question in ("quanto custa um encanador?", "o código não chega"):
        reply = room.ask(question)
        answered = entries[reply["sources"][0]["entryId"]]
        *follow_ups, title = reply["suggestions"]
        assert follow_ups == list(answered.follow_ups[:2])
        related = next(name for name in answered.related if entries[name].title == title)
        suggested = [room.ask(one)["sources"][0]["entryId"] for one in reply["suggestions"]]
        assert suggested[-1] == related not in suggested[:-1]


def test_in_an_emergency_nothing_else_is_suggested() -> None:
    entries = {entry.id: entry for entry in seed.entries()}
    reply = keyless().ask("levei um choque")
    assert reply["suggestions"] == list(entries["emergency-choque"].follow_ups[:2])


def test_manners_are_met_with_manners() -> None:
    room = keyless()
    assert "Por nada" in room.ask("obrigado!")["content"]
    assert "Até logo" in room.ask("tchau")["content"]
    assert room.ask("oi")["suggestions"]
    assert "Certo" in room.ask("ok")["content"]


def test_a_mild_sign_of_trouble_is_met_with_the_offer_of_a_person() -> None:
    room = keyless()
    reply = room.ask("não consigo entrar na minha conta, ninguém me ajuda")
    assert "falar com uma pessoa" in reply["content"] and not reply["escalated"]


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("e a casa ta em chamas", "193"),
        ("meu marido me bateu, o que faço nesse caso?", "190"),
        ("como faço? ta alagando tudo por causa dele", "193"),
        ("vasamento de gas", "193"),
        ("levei um xoque", "192"),
        ("there is a fire in my kitchen", "193"),
        ("alguem ta invadindo minha casa", "190"),
        ("quero me matar", "188"),
        ("minha filha engoliu detergente", "192"),
        ("meu amigo fala em se matar", "188"),
        ("fui assediada pelo profissional", "190"),
        ("to com medo, tem alguem tentando entrar", "190"),
        ("o rapaz passou a mao em mim", "190"),
        ("tem um homem com uma faca na porta", "190"),
        ("passei mal com o gas", "193"),
        ("tem muita fumaça no prédio", "193"),
        ("a pessoa ta grudada no fio", "192"),
        ("caiu um fio de luz na rua", "192"),
        ("entrou água da chuva em casa", "193"),
        ("ta entrando agua pelo teto e pinga na tomada", "193"),
        ("minha mãe ta com dor no peito", "192"),
        ("ta doendo muito meu peito e to sem ar", "192"),
        ("tomei remedio demais", "192"),
        ("cortei o dedo ta sangrando", "192"),
        ("meu vô caiu e bateu a cabeça na escada", "192"),
        ("meu bb engasgou", "192"),
        ("minha mãe passou mal com o cheiro", "192"),
        ("o fio da rua ta soltando faisca perto de mim", "192"),
        ("minha vizinha ta apanhando do marido", "190"),
    ],
)
def test_an_emergency_comes_first_whatever_was_said_before(said: str, number: str) -> None:
    room = keyless()
    room.ask("quanto custa uma faxina?")
    assert number in room.ask(said)["content"]


@pytest.mark.parametrize(
    "said",
    [
        "a tinta pega fogo?",
        "choque de ordem, tem desconto?",
        "quero instalar gás",
        "tem alguem tentando entrar na minha conta",
        "fui atendida pelo profissional ontem",
        "vocês limpam a fuligem da lareira?",
        "minha planta vai morrer, vocês cuidam de jardim?",
        "quero trocar o fio do chuveiro",
        "o pintor trabalha com pistola de pintura na porta?",
        "vocês afiam faca?",
        "posso entrar com água na piscina?",
        "vocês tratam engasgo do motor da bomba?",
        "preciso de uma prateleira na altura do peito",
        "a diarista passou mal o pano no chão",
        "o fio da extensão estourou o orçamento",
    ],
)
def test_words_of_an_emergency_are_not_one(said: str) -> None:
    assert "Ligar 19" not in str(keyless().ask(said)["actions"])


@pytest.mark.parametrize("said", ["meu pai teve um avc", "acho q meu marido ta tendo um infarto"])
def test_a_heart_or_a_stroke_is_not_answered_with_what_was_swallowed(said: str) -> None:
    assert keyless().ask(said)["sources"][0]["entryId"] == "emergency-coracao"


def test_every_emergency_of_the_seed_has_words_that_name_it() -> None:
    assert {entry.id for entry in seed.entries() if entry.emergency} == set(load("emergencies").groups)


def test_after_an_emergency_the_next_question_is_its_own() -> None:
    room = keyless()
    room.ask("I smell gas")
    assert "193" not in room.ask("how much is a cleaning?")["content"]


def test_a_price_of_nothing_asks_of_what() -> None:
    content = keyless().ask("quanto custa?")["content"]
    assert "De qual você precisa" in content and "R$" not in content


def test_the_price_of_what_nobody_offers_is_not_invented() -> None:
    for question in ("quanto custa um dentista?", "quanto custa um personal trainer?"):
        assert "R$" not in keyless().ask(question)["content"]


@pytest.mark.parametrize(
    ("question", "price"),
    [
        ("quanto custa um jardineiro?", "R$ 150 a R$ 350 por visita"),
        ("e quanto custa a dedetização?", "R$ 180 a R$ 450"),
        ("e quanto fica a limpeza pós-obra?", "R$ 8 a R$ 20 por m²"),
        ("e quanto custa um chaveiro?", "R$ 80 a R$ 250 por abertura"),
    ],
)
def test_another_service_named_in_a_conversation_has_its_own_price(question: str, price: str) -> None:
    room = keyless()
    room.ask("quanto custa um encanador?")
    assert price in room.ask(question)["content"]


def test_a_misspelt_service_has_its_price() -> None:
    assert "R$ 150" in keyless().ask("quanto custa a faxna?")["content"]


@pytest.mark.requirement("R3.2")
@pytest.mark.parametrize(
    ("page", "question", "entry"),
    [
        ("/services/pintura/", "quanto custa esse serviço?", "service-pintura"),
        ("/services/pintura/", "vcs tem encanador? quanto cobra?", "service-encanamento"),
        ("/meus-pedidos/", "o que dá pra fazer nessa página?", "nav-pedidos"),
        ("/404/", "oxe, o que aconteceu com a página?", "trouble-pagina-nao-carrega"),
    ],
)
def test_the_page_is_the_subject_where_the_question_names_none(page: str, question: str, entry: str) -> None:
    room = keyless(user_type="client")
    reply = room.ask(question, context={"url": f"https://example.com{page}"})
    assert reply["sources"][0]["entryId"] == entry


@pytest.mark.parametrize(
    ("first", "then", "entry"),
    [
        ("quanto custa a limpeza de ar-condicionado?", "e pra instalar um novo?", "service-ar-instalacao"),
        ("quanto custa a limpeza de ar-condicionado?", "e quanto tempo leva?", "service-ar-limpeza"),
        ("como excluo minha conta?", "leva quantos dias?", "policy-excluir-conta"),
        ("quanto custa uma faxina?", "vocês aceitam pix?", "faq-formas-de-pagamento"),
    ],
)
def test_a_question_leans_on_the_one_before_unless_it_has_a_subject_of_its_own(
    first: str, then: str, entry: str
) -> None:
    room = keyless(user_type="client")
    room.ask(first)
    assert room.ask(then)["sources"][0]["entryId"] == entry


URGENT = "SAMU 192, Bombeiros 193"


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        ("vc é um robo?", "Sou Sophie, a assistente virtual"),
        ("quem é você", "Sou Sophie, a assistente virtual"),
        ("meu nome é Ana", "Prazer!"),
        ("não", "Certo!"),
        ("sim", "Certo!"),
        ("preciso de um advogado", "Não encontrei"),
        ("pegou fogo ano passado", "Não encontrei"),
    ],
)
def test_what_the_knowledge_is_not_asked_about_is_not_taken_from_it(question: str, begins: str) -> None:
    assert keyless().ask(question)["content"].startswith(begins)


@pytest.mark.parametrize(
    "question", ["socorro", "caixa dagua transbordando socorro", "meu vizinho caiu e tá com muito sangue no chão"]
)
def test_what_sounds_like_danger_has_the_numbers_to_call(question: str) -> None:
    assert URGENT in keyless().ask(question)["content"]


@pytest.mark.parametrize("question", ["oi", "vc é um robo?", "quanto custa uma faxina?", "mancha de sangue no sofa"])
def test_what_does_not_has_none(question: str) -> None:
    assert URGENT not in keyless().ask(question)["content"]


def test_an_emergency_is_not_what_the_next_question_is_about() -> None:
    room = keyless()
    assert room.ask("cheiro de gás")["sources"][0]["entryId"] == "emergency-gas"
    assert room.ask("como eu faço pra pagar?")["sources"][0]["entryId"] == "faq-formas-de-pagamento"


def test_a_known_question_in_strong_words_is_answered_and_a_person_offered() -> None:
    answer = keyless(user_type="provider").ask("cadê meu dinheiro?")
    assert answer["sources"][0]["entryId"] == "provider-pagamento" and "falar com uma pessoa" in answer["content"]
