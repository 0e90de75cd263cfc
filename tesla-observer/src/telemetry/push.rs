//! The task that exports reports: one at a time, in the order they came.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tracing::error;

use super::fleet::{Collect, Report};
use super::outlet::Outlet;

/// How many members report in one collection at most. More would make requests larger than
/// receivers take (4 MiB is gRPC's usual limit; a car with everything takes some 45 KiB) and hold up what
/// comes after them.
const MEMBERS_AT_ONCE: usize = 50;

/// What the task is told.
pub(super) enum Message {
    /// Export these. The sender is dropped when they are on their way.
    Export(Vec<Report>, oneshot::Sender<()>),
    /// End, after all that was told before.
    Stop(oneshot::Sender<()>),
}

/// A report, and who waits for it.
type Waiting = (Report, Arc<oneshot::Sender<()>>);

/// Exports reports until it is told to stop.
pub(super) async fn run(mut inbox: mpsc::Receiver<Message>, outlet: Arc<Outlet>) {
    let mut waiting = VecDeque::new();
    let mut stop: Option<oneshot::Sender<()>> = None;
    loop {
        // What has come in the meantime goes together.
        while let Ok(message) = inbox.try_recv() {
            sort(message, &mut waiting, &mut stop);
        }
        if waiting.is_empty() {
            if stop.is_some() {
                return;
            }
            match inbox.recv().await {
                Some(message) => sort(message, &mut waiting, &mut stop),
                None => return,
            }
            continue;
        }
        let batch = next_batch(&mut waiting);
        let outlet = Arc::clone(&outlet);
        let exporting = tokio::task::spawn_blocking(move || export(batch, &outlet));
        if exporting.await.is_err() {
            error!("reports were not exported, as the code that reads them panicked");
        }
    }
}

fn sort(message: Message, waiting: &mut VecDeque<Waiting>, stop: &mut Option<oneshot::Sender<()>>) {
    match message {
        Message::Export(reports, done) => {
            let done = Arc::new(done);
            waiting.extend(reports.into_iter().map(|own| (own, Arc::clone(&done))));
        }
        Message::Stop(done) => *stop = Some(done),
    }
}

/// The oldest report, and what can be collected together with it: other members of its fleet, each
/// once, since one collection has one value for each series.
fn next_batch(waiting: &mut VecDeque<Waiting>) -> Vec<Waiting> {
    let mut batch: Vec<Waiting> = Vec::new();
    let mut later = VecDeque::new();
    let mut fleet: Option<Arc<dyn Collect>> = None;
    let mut members = HashSet::new();
    while let Some((report, done)) = waiting.pop_front() {
        let Some(own) = report.0.fleet() else {
            continue;
        };
        let first = fleet.get_or_insert_with(|| Arc::clone(&own));
        if Arc::ptr_eq(first, &own) && members.insert(report.0.member()) {
            batch.push((report, done));
            if batch.len() == MEMBERS_AT_ONCE {
                break;
            }
        } else {
            later.push_back((report, done));
        }
    }
    later.append(waiting);
    *waiting = later;
    batch
}

fn export(batch: Vec<Waiting>, outlet: &Outlet) {
    let Some(fleet) = batch.first().and_then(|(report, _)| report.0.fleet()) else {
        return;
    };
    let (reports, _done): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
    for report in reports {
        report.0.apply();
    }
    if let Some(metrics) = fleet.collect() {
        outlet.metrics(&metrics, None);
    }
    // `_done` is dropped here: whoever waits goes on.
}
