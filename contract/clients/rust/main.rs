use openapi::apis::configuration::Configuration;
use openapi::apis::{inbox_api, notifications_api, Error};
use openapi::models::{Audience, NotifyInput, ToEveryone, ToUser};
use std::env::var;

fn client(token: &str) -> Configuration {
    let mut configuration = Configuration::new();
    configuration.base_path = var("TIDINGS_URL").unwrap();
    configuration.bearer_access_token = Some(var(token).unwrap());
    configuration
}

#[tokio::main]
async fn main() {
    let name = var("TIDINGS_NAME").unwrap();
    let (back_end, user) = (client("TIDINGS_API_KEY"), client("TIDINGS_TOKEN"));

    let key = format!("one by {name}");
    let mut to_one = NotifyInput::new(Audience::ToUser(ToUser::new("42".to_string())));
    to_one.title = Some(key.clone());
    to_one.data = Some([("amount".to_string(), 12.5.into())].into());
    let one = notifications_api::send_notification(&back_end, to_one, Some(&key)).await.unwrap();

    let mut to_all = NotifyInput::new(Audience::ToEveryone(ToEveryone::new(true)));
    to_all.title = Some(format!("all by {name}"));
    let all = notifications_api::send_notification(&back_end, to_all, None).await.unwrap();

    let inbox = inbox_api::list_inbox(&user, None, Some(2), None, None, None, None, None, None, None).await.unwrap();
    let shown: Vec<i64> = inbox.items.iter().map(|item| item.rev).collect();

    let missing = notifications_api::read_notification(&back_end, "none", None, None).await;
    let Err(Error::ResponseError(answer)) = missing else { panic!("there is no such notification") };
    let problem: serde_json::Value = serde_json::from_str(&answer.content).unwrap();
    println!("{}", serde_json::json!({ "revs": [one.rev, all.rev], "shown": shown, "code": problem["code"] }));
}
