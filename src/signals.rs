//! The end of a build by a signal: it removes its temporary files and ends; a second signal ends it at once.

#[cfg(unix)]
pub use unix::clean_up_on_signals;

/// On other systems, a later build removes the files (`scratch.rs`).
#[cfg(not(unix))]
pub fn clean_up_on_signals() {}

#[cfg(unix)]
mod unix {
    use std::sync::Once;

    use tokio::signal::unix::{Signal, SignalKind, signal};

    use crate::scratch;

    /// For the program's own process: a program that uses the library has its own handlers.
    pub fn clean_up_on_signals() {
        static STARTED: Once = Once::new();
        STARTED.call_once(|| {
            // A write beyond a limit on file sizes is then an ordinary error, after which nothing is left behind.
            // SAFETY: ignoring a signal runs no code of ours.
            unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_io()
                .build();
            let Ok(runtime) = runtime else {
                return;
            };
            let guard = runtime.enter();
            // Signals that the parent process has switched off stay off: `nohup`, a shell's background.
            let wanted = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP];
            let wanted = wanted.into_iter().filter(|number| !is_ignored(*number));
            // Signals count from here on, not from the thread's start.
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

    /// Ends with the code that shells give to a program ended by a signal. Nothing runs that waits for other threads:
    /// they may be in the middle of anything.
    fn leave(signal: i32) -> ! {
        // SAFETY: ends the process; no memory is touched.
        unsafe { libc::_exit(128 + signal) }
    }

    fn is_ignored(signal: i32) -> bool {
        let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: without a new action, it only writes the current one to `action`, which is ours and large enough; all
        // zeros are a valid value of it, so it may be read even if that has failed.
        let action = unsafe {
            libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr());
            action.assume_init()
        };
        action.sa_sigaction == libc::SIG_IGN
    }
}
