//! `fermyon:spin/llm@2.0.0`: the check against `ai_models`, then an implementation of [`crate::parts::llm::Llm`].

use wasmtime::Result;

use super::generated::fermyon::spin2_0_0::llm;
use crate::state::State;

/// Spin's value for a call without parameters.
const MAX_TOKENS: u32 = 100;

impl State {
    fn refuse_model(&self, model: &str) -> Option<llm::Error> {
        let granted = self.grants.ai_models.contains(model);
        (!granted).then(|| {
            llm::Error::InvalidInput(format!(
                "component `{}` may not use the model `{model}`: `ai_models` in the manifest does not have it",
                self.grants.component
            ))
        })
    }
}

impl llm::Host for State {
    async fn infer(
        &mut self,
        model: String,
        prompt: String,
        params: Option<llm::InferencingParams>,
    ) -> Result<Result<llm::InferencingResult, llm::Error>> {
        if let Some(error) = self.refuse_model(&model) {
            return Ok(Err(error));
        }
        let max_tokens = params.map_or(MAX_TOKENS, |params| params.max_tokens);
        let answer = self.parts.llm.infer(&model, &prompt, max_tokens);
        Ok(answer
            .map_err(llm::Error::RuntimeError)
            .map(|answer| llm::InferencingResult {
                text: answer.text,
                usage: llm::InferencingUsage {
                    prompt_token_count: answer.prompt_tokens,
                    generated_token_count: answer.generated_tokens,
                },
            }))
    }

    async fn generate_embeddings(
        &mut self,
        model: String,
        text: Vec<String>,
    ) -> Result<Result<llm::EmbeddingsResult, llm::Error>> {
        if let Some(error) = self.refuse_model(&model) {
            return Ok(Err(error));
        }
        let answer = self.parts.llm.embed(&model, &text);
        Ok(answer
            .map_err(llm::Error::RuntimeError)
            .map(|(embeddings, prompt_token_count)| llm::EmbeddingsResult {
                embeddings,
                usage: llm::EmbeddingsUsage { prompt_token_count },
            }))
    }
}
