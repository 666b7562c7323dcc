//! Language models: the trait that a real one would implement, and this host's stand-in.

/// An implementation of `llm.infer` and `llm.generate-embeddings`. It does not decide which models a component may use.
pub trait Llm: Send + Sync {
    /// Continues `prompt`, in `max_tokens` at most.
    fn infer(&self, model: &str, prompt: &str, max_tokens: u32) -> Result<Inference, String>;

    /// A vector for each text, and the number of tokens in all of them.
    fn embed(&self, model: &str, texts: &[String]) -> Result<(Vec<Vec<f32>>, u32), String>;
}

pub struct Inference {
    pub text: String,
    pub prompt_tokens: u32,
    pub generated_tokens: u32,
}

/// A stand-in without a model: the same answer to the same question, which says that it is a stand-in. A token is a word.
pub struct StandIn;

/// The dimensions of `all-minilm-l6-v2`, Spin's model for embeddings.
const DIMENSIONS: usize = 384;

impl Llm for StandIn {
    fn infer(&self, model: &str, prompt: &str, max_tokens: u32) -> Result<Inference, String> {
        let prompt_tokens = count(prompt);
        let answer = format!(
            "This is no language model but spin-host's deterministic stand-in for {model}. The prompt has {prompt_tokens} words: {prompt}"
        );
        let limit = usize::try_from(max_tokens).unwrap_or(usize::MAX);
        let words: Vec<&str> = answer.split_whitespace().take(limit).collect();
        Ok(Inference {
            prompt_tokens,
            generated_tokens: u32::try_from(words.len()).unwrap_or(u32::MAX),
            text: words.join(" "),
        })
    }

    fn embed(&self, _model: &str, texts: &[String]) -> Result<(Vec<Vec<f32>>, u32), String> {
        Ok((
            texts.iter().map(|text| embedding(text)).collect(),
            texts.iter().map(|text| count(text)).sum(),
        ))
    }
}

fn count(text: &str) -> u32 {
    u32::try_from(text.split_whitespace().count()).unwrap_or(u32::MAX)
}

/// Counts words by their hash and scales to length one, so that texts with the same words are close to each other.
fn embedding(text: &str) -> Vec<f32> {
    let mut vector = vec![0.0; DIMENSIONS];
    for word in text.split_whitespace() {
        // FNV-1a: the same on every machine and in every version, which the standard library's hasher does not promise.
        let hash = word.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
        vector[hash as usize % DIMENSIONS] += 1.0_f32;
    }
    let length = vector
        .iter()
        .map(|number| number * number)
        .sum::<f32>()
        .sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|number| *number /= length);
    }
    vector
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_what_it_is_and_keeps_to_the_limit() {
        let answer = StandIn.infer("llama2-chat", "Tell me a joke", 100).unwrap();
        assert!(
            answer.text.contains("no language model") && answer.text.ends_with("Tell me a joke")
        );
        assert_eq!((answer.prompt_tokens, answer.generated_tokens), (4, 20));
        assert_eq!(StandIn.infer("m", "one two", 3).unwrap().text, "This is no");
    }

    #[test]
    fn texts_with_the_same_words_are_close() {
        let (vectors, tokens) = StandIn
            .embed(
                "m",
                &[
                    "a b".to_owned(),
                    "b a".to_owned(),
                    "c".to_owned(),
                    String::new(),
                ],
            )
            .unwrap();
        assert_eq!((vectors[0].len(), tokens), (DIMENSIONS, 5));
        assert_eq!(vectors[0], vectors[1]);
        assert_ne!(vectors[0], vectors[2]);
        assert!((vectors[0].iter().map(|number| number * number).sum::<f32>() - 1.0).abs() < 1e-6);
    }
}
