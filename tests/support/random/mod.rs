//! Random WIT: a seed or bytes in, worlds as text out. Nothing here knows Python, and nothing parses WIT.
#![allow(dead_code, reason = "each test uses its part")]

pub mod bytes;
pub mod generate;
pub mod model;
pub mod mutate;
pub mod names;
pub mod rng;
