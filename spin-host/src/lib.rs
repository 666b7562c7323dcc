//! Runs a Spin application from its `spin.toml`, so that the applications of the published Spin SDKs can be tried and tested
//! where Spin is not installed. It is a stand-in for development and tests, not for production, and has nothing in common with the
//! componentizer whose components it runs but small crates.
//!
//! - [`manifest`]: the manifest as tables; [`variables`], [`outbound`] and [`routes`] are what its strings mean.
//! - [`app`]: components compiled ([`cache`]) and linked; [`names`] brings those of the last WASI 0.3 candidate up to the release.
//! - [`state`]: what one instance has; [`interfaces`]: what it may import; [`parts`]: the real things behind those.
//! - [`requests`] and [`server`]: HTTP in, by way of `connections`; a fresh instance for each request, within its [`limits`]; HTTP
//!   out ([`http_hooks`] for outbound).
//! - [`cli`]: the command; [`fault`]: the user's mistakes; [`say`]: what it writes to the terminal, and [`access`] of requests.
//!
//! # What there is
//!
//! HTTP triggers: `wasi:http/incoming-handler@0.2.x`, `wasi:http/handler@0.3.0` (and its last candidate) and the first
//! generation's `fermyon:spin/inbound-http`. Imports: WASI 0.2 and 0.3 without sockets; `fermyon:spin@2.0.0` key-value, llm,
//! redis, sqlite and variables; `spin:*@3.x` key-value, redis, sqlite and variables; `wasi:config/store` and
//! `wasi:keyvalue/store` of Spin's drafts. MySQL and PostgreSQL of every version can be imported, and opening a connection answers
//! with the error `connection-failed`, as this host has no client for them. What else is imported traps when it is called, with
//! its name. There is no trigger but HTTP.
//!
//! Permissions are Spin's: an address that `allowed_outbound_hosts` does not have is `HTTP-request-denied` for HTTP and
//! `invalid-address` for Redis; a store or database that is not granted is `access-denied`; a model, `invalid-input`. Unlike Spin, every
//! label that a manifest grants exists, without a runtime configuration.

pub mod access;
pub mod app;
pub mod cache;
pub mod cli;
pub mod fault;
pub mod http_hooks;
pub mod interfaces;
pub mod limits;
pub mod manifest;
pub mod names;
pub mod outbound;
pub mod parts;
pub mod requests;
pub mod routes;
pub mod say;
pub mod server;
pub mod state;
pub mod variables;
