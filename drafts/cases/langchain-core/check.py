"""langchain-core: prompts, chains, messages, tools and parsers, with a model that answers from a list."""

import asyncio

from langchain_core.documents import Document
from langchain_core.language_models.fake_chat_models import FakeListChatModel, GenericFakeChatModel
from langchain_core.load import dumpd, load
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, trim_messages
from langchain_core.output_parsers import JsonOutputParser, StrOutputParser
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from langchain_core.runnables import RunnableLambda, RunnableParallel, RunnablePassthrough
from langchain_core.tools import tool
from langchain_core.vectorstores import InMemoryVectorStore
from langchain_core.embeddings import DeterministicFakeEmbedding


def test_prompts():
    prompt = ChatPromptTemplate([("system", "You are {role}."), MessagesPlaceholder("history"), ("human", "{question}")])
    value = prompt.invoke({"role": "kind", "history": [AIMessage("hello")], "question": "1 + 1?"})
    assert value.to_messages() == [SystemMessage("You are kind."), AIMessage("hello"), HumanMessage("1 + 1?")]
    try:
        prompt.invoke({"role": "kind"})
    except KeyError as error:
        assert "question" in str(error)
    else:
        raise AssertionError("accepted")


def test_chains():
    model = FakeListChatModel(responses=['{"sum": 2}', "no"])
    chain = ChatPromptTemplate.from_template("{question}") | model | JsonOutputParser()
    assert chain.invoke({"question": "1 + 1?"}) == {"sum": 2}
    both = RunnableParallel(same=RunnablePassthrough(), double=RunnableLambda(lambda one: one * 2))
    assert both.invoke(4) == {"same": 4, "double": 8}
    failing = RunnableLambda(lambda one: 1 / one).with_fallbacks([RunnableLambda(lambda one: "none")])
    assert failing.invoke(0) == "none" and failing.invoke(2) == 0.5


def test_streams():
    model = GenericFakeChatModel(messages=iter([AIMessage("one two three"), AIMessage("four five")]))
    assert list((model | StrOutputParser()).stream("go")) == ["one", " ", "two", " ", "three"]

    async def run():
        return [piece async for piece in (model | StrOutputParser()).astream("go")]

    assert asyncio.run(run()) == ["four", " ", "five"]


def test_tools():
    @tool
    def add(a: int, b: int = 1) -> int:
        """Adds two numbers."""
        return a + b

    assert add.invoke({"a": 2, "b": 3}) == 5 and add.args["b"]["default"] == 1 and add.description == "Adds two numbers."
    try:
        add.invoke({"a": "x"})
    except ValueError as error:
        assert "valid integer" in str(error)
    else:
        raise AssertionError("accepted")


def test_copies_and_messages():
    prompt = ChatPromptTemplate.from_template("{a} and {b}")
    assert load(dumpd(prompt), allowed_objects="core").invoke({"a": 1, "b": 2}) == prompt.invoke({"a": 1, "b": 2})
    history = [SystemMessage("s"), HumanMessage("1"), AIMessage("2"), HumanMessage("3")]
    kept = trim_messages(history, max_tokens=2, token_counter=len, include_system=True)
    assert [message.content for message in kept] == ["s", "3"]


def test_search():
    store = InMemoryVectorStore(DeterministicFakeEmbedding(size=16))
    store.add_documents([Document("apple", id="1"), Document("pear", id="2"), Document("plum", id="3")])
    assert store.similarity_search("pear", k=1)[0].id == "2"
