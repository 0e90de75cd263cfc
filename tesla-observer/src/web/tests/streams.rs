//! What tells a page that something has changed.

use super::*;

/// What a stream says until it has said this.
async fn until(mut answer: reqwest::Response, text: &str) -> Result<String> {
    let mut said = String::new();
    let reading = async {
        while let Some(chunk) = answer.chunk().await? {
            said += &String::from_utf8_lossy(&chunk);
            if said.contains(text) {
                return Ok(said);
            }
        }
        Err("it ended".into())
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), reading).await?
}

#[tokio::test]
async fn a_report_is_told_to_whoever_listens() -> Result {
    let mut shown = Shown::new()?;
    let key = shown.charging("Ju")?;
    let events = shown.get("/events").send().await?;
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    let time = now_ms() + 5;
    shown.reports(vec![report("Ju", time, AWAKE)])?;
    let said = until(events, "\n\n").await?;
    assert!(said.starts_with("event: report\ndata: {"), "{said}");
    assert!(
        said.contains(&key) && said.contains(&time.to_string()),
        "{said}"
    );
    Ok(())
}

#[tokio::test]
async fn there_are_not_more_streams_than_a_few() -> Result {
    let shown = Shown::new()?;
    let mut open = Vec::new();
    for _ in 0..64 {
        open.push(shown.get("/events").send().await?);
    }
    assert!(open.iter().all(|answer| answer.status() == 200));
    assert_eq!(shown.get("/events").send().await?.status(), 503);
    drop(open);
    // Their places are free again, and the server ends with any number of them open.
    let again = async {
        while shown.get("/events").send().await?.status() != 200 {
            tokio::task::yield_now().await;
        }
        Result::Ok(())
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), again).await??;
    shown.server.stop();
    Ok(())
}
