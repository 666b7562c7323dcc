//! Runs a Spin application from its `spin.toml`, so that applications of the published Spin SDKs can be tried and tested where
//! Spin is not installed. It is a stand-in for development and tests, not for production. It shares only small crates with the
//! componentizer whose components it runs.
//!
//! - [`manifest`]: the manifest as tables; [`variables`], [`outbound`] and [`routes`]: the meaning of its strings.
//! - [`app`]: components compiled ([`cache`]) and linked; [`names`] updates those for the last WASI 0.3 candidate to the
//!   release.
//! - [`state`]: the data of one instance; [`interfaces`]: its imports; [`parts`]: the real services behind those.
//! - [`requests`] and [`server`]: HTTP in, through `connections`; a fresh instance for each request, within its [`limits`];
//!   HTTP out ([`http_hooks`] for outbound).
//! - [`cli`]: the command; [`fault`]: the user's mistakes; [`say`]: output to the terminal; [`access`]: the log of requests.
//!
//! # Features
//!
//! HTTP triggers: `wasi:http/incoming-handler@0.2.x`, `wasi:http/handler@0.3.0` (and its last candidate) and the first
//! generation's `fermyon:spin/inbound-http`. Imports: WASI 0.2 and 0.3 without sockets; `fermyon:spin@2.0.0` key-value, llm,
//! redis, sqlite and variables; `spin:*@3.x` key-value, redis, sqlite and variables; `wasi:config/store` and
//! `wasi:keyvalue/store` of Spin's drafts. MySQL and PostgreSQL of every version can be imported, but opening a connection
//! fails with the error `connection-failed`, as this host has no client for them. Any other import traps with its name when it
//! is called. HTTP is the only trigger.
//!
//! Permissions are Spin's: an address that `allowed_outbound_hosts` lacks is `HTTP-request-denied` for HTTP and
//! `invalid-address` for Redis; a store or database that is not granted is `access-denied`; a model, `invalid-input`. Unlike in
//! Spin, every label that a manifest grants exists, without a runtime configuration.

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
