//! What a build does when it is told to end: it removes its temporary files and goes, at the second signal at once.

#[cfg(unix)]
pub use unix::clean_up_on_signals;

/// Elsewhere, what is left goes when a later build starts (`scratch.rs`).
#[cfg(not(unix))]
pub fn clean_up_on_signals() {}

#[cfg(unix)]
mod unix {
    use std::sync::Once;

    use tokio::signal::unix::{Signal, SignalKind, signal};

    use crate::scratch;

    /// For the program's own process: whoever uses us as a library has handlers of their own.
    pub fn clean_up_on_signals() {
        static STARTED: Once = Once::new();
        STARTED.call_once(|| {
            // A write beyond a limit on file sizes is then an error like others, after which nothing is left behind.
            // SAFETY: ignoring a signal runs no code of ours.
            unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_io()
                .build();
            let Ok(runtime) = runtime else {
                return;
            };
            let guard = runtime.enter();
            // What whoever started us has switched off stays off: `nohup`, a shell's background.
            let wanted = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP];
            let wanted = wanted.into_iter().filter(|number| !is_ignored(*number));
            // They count from here on, not from when the thread gets its turn.
            let signals: Vec<(i32, Signal)> = wanted
                .filter_map(|number| Some((number, signal(SignalKind::from_raw(number)).ok()?)))
                .collect();
            drop(guard);
            std::thread::spawn(move || runtime.block_on(watch(signals)));
        });
    }

    async fn watch(mut signals: Vec<(i32, Signal)>) {
        let first = next(&mut signals).await;
        std::thread::spawn(move || {
            scratch::remove_all();
            leave(first);
        });
        let second = next(&mut signals).await;
        leave(second);
    }

    async fn next(signals: &mut [(i32, Signal)]) -> i32 {
        std::future::poll_fn(|context| {
            for (number, signal) in signals.iter_mut() {
                if signal.poll_recv(context).is_ready() {
                    return std::task::Poll::Ready(*number);
                }
            }
            std::task::Poll::Pending
        })
        .await
    }

    /// With the code that shells give to a program that a signal has ended. Nothing that waits for other threads runs: they may be
    /// in the middle of anything.
    fn leave(signal: i32) -> ! {
        // SAFETY: ends the process; no memory is touched.
        unsafe { libc::_exit(128 + signal) }
    }

    fn is_ignored(signal: i32) -> bool {
        let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: without a new action, it only writes the present one to `action`, which is ours and large enough; all zeros
        // are a valid value of it, so it may be read even if that has failed.
        let action = unsafe {
            libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr());
            action.assume_init()
        };
        action.sa_sigaction == libc::SIG_IGN
    }
}
