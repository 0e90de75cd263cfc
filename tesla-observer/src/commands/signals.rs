//! Ctrl-C and SIGTERM.

use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::watch;
use tokio::time::sleep;

/// Signals within this time are one: a terminal sends Ctrl-C to the whole group of processes, and
/// whoever started this one, such as `timeout`, sends it once more.
const SAME: Duration = Duration::from_millis(100);

/// The signals that tell the program to end, counted from when it began to listen: none is missed
/// between two waits.
pub(super) struct Signals(watch::Receiver<usize>);

impl Signals {
    /// Listens from now on. They do not end the program by themselves any more.
    pub(super) fn listen() -> Self {
        let (count, counted) = watch::channel(0);
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
                match signal(kind) {
                    Ok(mut signals) => {
                        let count = count.clone();
                        tokio::spawn(async move {
                            while signals.recv().await.is_some() {
                                count.send_modify(|count| *count += 1);
                                sleep(SAME).await;
                                // What came meanwhile.
                                let _ = signals.recv().now_or_never();
                            }
                        });
                    }
                    // It still ends the program, only without a last word.
                    Err(error) => tracing::warn!("listening to signal {kind:?}: {error}"),
                }
            }
        }
        #[cfg(not(unix))]
        tokio::spawn(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                count.send_modify(|count| *count += 1);
                sleep(SAME).await;
            }
        });
        Self(counted)
    }

    /// Waits until there have been so many.
    pub(super) async fn at_least(&mut self, wanted: usize) {
        if self.0.wait_for(|count| *count >= wanted).await.is_err() {
            // Nobody counts: there are no signals.
            std::future::pending::<()>().await;
        }
    }
}
