//! The answer of each WASI function that a component does without: what a host without it would say.
//!
//! wasi-libc turns these into `errno`, so that code gets an exception and not a trap. Nothing here depends on a layout:
//! `shape.rs` finds the places of the values.

/// The answer of one function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// There is no way on, or no honest value.
    Trap,
    /// Nothing, an empty list, `none`, zero, or success.
    Nothing,
    /// `true`.
    Yes,
    /// An error: this case of its type.
    Refuse(&'static str),
    /// A handle that only these answers know ([`HANDLE`]).
    Handle,
    /// Success, with room for this many bytes.
    Room(u32),
    /// The list's indices: everything is ready at once.
    Ready,
    /// A clock that nothing but readings and waiting moves.
    Clock(Clock),
}

/// The functions of the clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    Monotonic,
    MonotonicResolution,
    /// Waits for a duration.
    For,
    /// Waits until an instant.
    Until,
    Wall,
    WallResolution,
}

/// No host gives a handle of this number: the Component Model ends its tables long before.
pub const HANDLE: i32 = i32::MAX;
/// Nanoseconds from one reading of the clock to the next, so that a loop that waits for a deadline ends. The same as in
/// the sandbox, as is the start.
pub const TICK: i64 = 10_000;
/// 1980-01-01, the earliest date that zip files know.
pub const EPOCH: i64 = 315_532_800;

const ROOM: Answer = Answer::Room(1 << 20);
const CLOSED: Answer = Answer::Refuse("closed");
const NO_FILES: Answer = Answer::Refuse("unsupported");
const NO_SOCKETS: Answer = Answer::Refuse("not-supported");

/// Interface, function, answer; the first row that fits counts, and `*` at the end fits everything.
#[rustfmt::skip]
const ANSWERS: &[(&str, &str, Answer)] = &[
    ("wasi:cli/environment", "*", Answer::Nothing),
    ("wasi:cli/exit", "*", Answer::Trap),
    ("wasi:cli/stdin", "get-stdin", Answer::Handle),
    ("wasi:cli/stdout", "get-stdout", Answer::Handle),
    ("wasi:cli/stderr", "get-stderr", Answer::Handle),
    ("wasi:cli/terminal-*", "*", Answer::Nothing),
    ("wasi:clocks/monotonic-clock", "now", Answer::Clock(Clock::Monotonic)),
    ("wasi:clocks/monotonic-clock", "resolution", Answer::Clock(Clock::MonotonicResolution)),
    ("wasi:clocks/monotonic-clock", "subscribe-duration", Answer::Clock(Clock::For)),
    ("wasi:clocks/monotonic-clock", "subscribe-instant", Answer::Clock(Clock::Until)),
    ("wasi:clocks/wall-clock", "now", Answer::Clock(Clock::Wall)),
    ("wasi:clocks/wall-clock", "resolution", Answer::Clock(Clock::WallResolution)),
    ("wasi:filesystem/preopens", "get-directories", Answer::Nothing),
    ("wasi:filesystem/types", "[method]descriptor.is-same-object", Answer::Nothing),
    ("wasi:filesystem/types", "filesystem-error-code", Answer::Nothing),
    ("wasi:filesystem/types", "*", NO_FILES),
    ("wasi:io/error", "[method]error.to-debug-string", Answer::Nothing),
    ("wasi:io/poll", "poll", Answer::Ready),
    ("wasi:io/poll", "[method]pollable.ready", Answer::Yes),
    ("wasi:io/poll", "[method]pollable.block", Answer::Nothing),
    ("wasi:io/streams", "[method]input-stream.subscribe", Answer::Handle),
    ("wasi:io/streams", "[method]output-stream.subscribe", Answer::Handle),
    ("wasi:io/streams", "[method]input-stream.*", CLOSED),
    ("wasi:io/streams", "[method]output-stream.check-write", ROOM),
    ("wasi:io/streams", "[method]output-stream.splice", CLOSED),
    ("wasi:io/streams", "[method]output-stream.blocking-splice", CLOSED),
    ("wasi:io/streams", "[method]output-stream.*", Answer::Nothing),
    // Numbers that others can guess must not pass for secrets. With fewer bytes than it asked for, `getentropy` fails
    // (`runtime/entropy.c`); `get-random-u64` has no way to fail.
    ("wasi:random/random", "get-random-bytes", Answer::Nothing),
    // These promise nothing.
    ("wasi:random/insecure", "get-insecure-random-u64", Answer::Nothing),
    ("wasi:random/insecure-seed", "*", Answer::Nothing),
    ("wasi:sockets/instance-network", "instance-network", Answer::Handle),
    ("wasi:sockets/network", "network-error-code", Answer::Nothing),
    ("wasi:sockets/tcp", "[method]tcp-socket.is-listening", Answer::Nothing),
    ("wasi:sockets/tcp", "[method]tcp-socket.subscribe", Answer::Handle),
    ("wasi:sockets/udp", "[method]udp-socket.subscribe", Answer::Handle),
    ("wasi:sockets/udp", "[method]incoming-datagram-stream.subscribe", Answer::Handle),
    ("wasi:sockets/udp", "[method]outgoing-datagram-stream.subscribe", Answer::Handle),
    ("wasi:sockets/ip-name-lookup", "[method]resolve-address-stream.subscribe", Answer::Handle),
    // Code that looks names up expects that there may be none.
    ("wasi:sockets/ip-name-lookup", "resolve-addresses", Answer::Refuse("name-unresolvable")),
    ("wasi:sockets/*", "*", NO_SOCKETS),
];

/// The answer of `function` in `interface`, which has a version.
pub fn answer(interface: &str, function: &str) -> Answer {
    let interface = interface.split('@').next().unwrap_or(interface);
    let fits = |pattern: &str, name: &str| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => pattern == name,
    };
    ANSWERS
        .iter()
        .find(|(of, name, _)| fits(of, interface) && fits(name, function))
        .map_or(Answer::Trap, |(_, _, answer)| *answer)
}
