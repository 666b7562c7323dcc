"""Tokenizers of each model that are trained here, and what goes around them: the published ones are downloaded."""

import asyncio
import pickle

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from tokenizers import tokenizers as native

WORDS = ["low lower lowest", "new newer newest", "wide wider widest"] * 20
TEXT = "Grüße an Łukasz: 北京 is 3,000 km away 🙂!"


def words():
    vocabulary = {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "[PAD]": 3, "play": 4, "##ing": 5, "##ed": 6, "a": 7, "game": 8}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    return tokenizer


def bytes_pairs():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=270, initial_alphabet=alphabet, special_tokens=["<end>"], show_progress=False)
    tokenizer.train_from_iterator(WORDS, trainer)
    return tokenizer


def test_the_extension_is_native():
    assert native.__file__.endswith(".so")


def test_byte_pairs():
    tokenizer = bytes_pairs()
    assert tokenizer.get_vocab_size() == 270
    encoded = tokenizer.encode(TEXT)
    assert tokenizer.decode(encoded.ids) == TEXT
    assert len(tokenizer.encode("lower").ids) < len("lower") < len(tokenizer.encode("qzxjkv").ids)
    assert tokenizer.encode("low<end>").tokens[-1] == "<end>" and tokenizer.token_to_id("<end>") == 0


def test_word_pieces():
    encoded = words().encode("Playing a GAME", "played")
    assert encoded.tokens == ["[CLS]", "play", "##ing", "a", "game", "[SEP]", "play", "##ed", "[SEP]"]
    assert encoded.type_ids == [0] * 6 + [1] * 3 and encoded.offsets[1:5] == [(0, 4), (4, 7), (8, 9), (10, 14)]
    assert encoded.special_tokens_mask == [1, 0, 0, 0, 0, 1, 0, 0, 1] and encoded.char_to_token(11) == 4
    assert words().decode([1, 4, 5, 7, 8, 2], skip_special_tokens=False) == "[CLS] playing a game [SEP]"


def test_unigrams():
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=40, unk_token="<unk>", special_tokens=["<unk>"], show_progress=False)
    tokenizer.train_from_iterator(WORDS, trainer)
    assert 10 < tokenizer.get_vocab_size() <= 40
    encoded = tokenizer.encode("newer widest")
    assert tokenizer.decode(encoded.ids) == "newer widest" and len(encoded.ids) < 12


def test_normalizers():
    steps = normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase()])
    assert steps.normalize_str("Grüße, ÉLÈVE") == "gruße, eleve"
    assert normalizers.Replace(Regex(r"(?<=a)\d+"), "#").normalize_str("a12 b34") == "a# b34"


def test_expressions():
    split = pre_tokenizers.Split(Regex(r"\p{N}{1,3}|\s+(?!\S)|\p{L}+"), "isolated")
    assert [piece for piece, _ in split.pre_tokenize_str("ab12345  c")] == ["ab", "123", "45", " ", " ", "c"]
    try:
        Regex("(")
    except Exception as error:
        assert "end pattern" in str(error)
    else:
        raise AssertionError("accepted")


def test_batches():
    tokenizer = words()
    tokenizer.add_special_tokens(["[CLS]", "[SEP]", "[PAD]"])
    tokenizer.enable_padding(pad_id=3, pad_token="[PAD]")
    tokenizer.enable_truncation(5)
    one, two = tokenizer.encode_batch(["a", "playing a game played"])
    assert one.ids == [1, 7, 2, 3, 3] and one.attention_mask == [1, 1, 1, 0, 0]
    assert two.tokens == ["[CLS]", "play", "##ing", "a", "[SEP]"] and two.overflowing[0].tokens[1:3] == ["game", "play"]
    assert tokenizer.decode_batch([one.ids, two.ids]) == ["a", "playing a"]


def test_asynchronous():
    async def run():
        tokenizer = words()
        one, many = await asyncio.gather(tokenizer.async_encode("a game"), tokenizer.async_encode_batch(["a", "game"]))
        assert one.tokens == ["[CLS]", "a", "game", "[SEP]"] and [len(each.ids) for each in many] == [3, 3]
        assert await tokenizer.async_decode_batch([[7, 8]]) == ["a game"]

    asyncio.run(run())


def test_copies():
    tokenizer = words()
    tokenizer.add_tokens([AddedToken("extra", single_word=True)])
    for copy in (Tokenizer.from_str(tokenizer.to_str()), pickle.loads(pickle.dumps(tokenizer))):
        assert copy.encode("a extra game").tokens == ["[CLS]", "a", "extra", "game", "[SEP]"]


def test_errors():
    for function, words_of_error in (
        (lambda: Tokenizer.from_str("{}"), "Model missing"),
        (lambda: Tokenizer(models.WordPiece({"a": 0}, unk_token="?")).encode("b"), "Missing [UNK]"),
        (lambda: words().encode(3), "TextInputSequence"),
    ):
        try:
            function()
        except Exception as error:
            assert words_of_error in str(error), error
        else:
            raise AssertionError("accepted")
