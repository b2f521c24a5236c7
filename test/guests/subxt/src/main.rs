//! What an app on subxt does first, against one chain: prints {step: null or its failure} as JSON.

use serde_json::{Map, Value as Json};
use subxt::dynamic::{self, Value};
use subxt::{OnlineClient, PolkadotConfig};
use subxt_signer::SecretUri;
use subxt_signer::sr25519::Keypair;

type Client = OnlineClient<PolkadotConfig>;
type Outcome = Result<(), Box<dyn std::error::Error>>;

const TAO: u128 = 1_000_000_000;
/// What an alpha costs before anyone has bought one.
const PRICE: u128 = TAO / 10;

struct Known {
    client: Client,
    alice: Keypair,
    bob: Keypair,
    hotkey: [u8; 32],
    netuid: u16,
    free: u128,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let words: Vec<String> = std::env::args().collect();
    let [_, url, netuid, free] = words.as_slice() else {
        return Err("url, netuid and the TAO that Alice has, in rao".into());
    };
    let known = Known {
        client: Client::from_insecure_url(url).await?,
        alice: key("//Alice")?,
        bob: key("//Bob")?,
        hotkey: key("//alice-hot")?.public_key().0,
        netuid: netuid.parse()?,
        free: free.parse()?,
    };
    let mut said = Map::new();
    let mut say = |step: &str, outcome: Outcome| {
        let failure = outcome.err().map_or(Json::Null, |error| Json::String(error.to_string()));
        said.insert(step.into(), failure);
    };
    say("storage", storage(&known).await);
    say("blocks", blocks(&known).await);
    say("runtime API", runtime_api(&known).await);
    say("fee", fee(&known).await);
    say("transfer", transfer(&known).await);
    say("order past its limit", order(&known).await);
    println!("{}", Json::Object(said));
    Ok(())
}

fn key(uri: &str) -> Result<Keypair, Box<dyn std::error::Error>> {
    Ok(Keypair::from_uri(&uri.parse::<SecretUri>()?)?)
}

fn expect(is_so: bool, what: &str) -> Outcome {
    if is_so { Ok(()) } else { Err(what.into()) }
}

async fn storage(known: &Known) -> Outcome {
    let account = dynamic::storage::<([u8; 32],), Value>("System", "Account");
    let at = known.client.at_current_block().await?;
    let value = at.storage().fetch(account, (known.alice.public_key().0,)).await?;
    let text = value.decode()?.to_string();
    expect(text.contains(&known.free.to_string()), &text)?;
    let uids = dynamic::storage::<(u16, [u8; 32]), u16>("SubtensorModule", "Uids");
    let uid = at.storage().fetch(uids, (known.netuid, known.hotkey)).await?.decode()?;
    expect(uid < 256, "a uid")
}

async fn blocks(known: &Known) -> Outcome {
    let mut stream = known.client.stream_blocks().await?;
    let first = stream.next().await.ok_or("no block")??;
    let second = stream.next().await.ok_or("no second block")??;
    expect(second.number() == first.number() + 1, "blocks in their order")?;
    let at = second.at().await?;
    let extrinsics = at.extrinsics().fetch().await?;
    let named: Vec<_> = extrinsics
        .iter()
        .filter_map(Result::ok)
        .map(|each| format!("{}.{}", each.pallet_name(), each.call_name()))
        .collect();
    expect(named.first().is_some_and(|name| name == "Timestamp.set"), &named.join(", "))
}

async fn runtime_api(known: &Known) -> Outcome {
    let call = dynamic::runtime_api_call::<_, u64>("SwapRuntimeApi", "current_alpha_price", (known.netuid,));
    let price = known.client.at_current_block().await?.runtime_apis().call(call).await?;
    expect(price > 0, "a price")
}

async fn fee(known: &Known) -> Outcome {
    let at = known.client.at_current_block().await?;
    let to = known.bob.public_key().to_address::<()>();
    let call = dynamic::transaction("Balances", "transfer_keep_alive", (to, TAO));
    let signed = at.transactions().create_signed(&call, &known.alice, Default::default()).await?;
    // Its own estimate takes every balance for 128 bits; those of this chain, as of the real one, have 64.
    let bytes = signed.encoded();
    let asked = [bytes, &u32::try_from(bytes.len())?.to_le_bytes()].concat();
    let said = at.runtime_apis().call_raw("TransactionPaymentApi_query_info", Some(&asked)).await?;
    let fee = said.last_chunk().map(|last| u128::from(u64::from_le_bytes(*last))).unwrap_or_default();
    expect(fee > 0 && fee < TAO / 100, &format!("a fee of {fee} rao"))?;
    expect(signed.validate().await?.is_valid(), "the chain would take it")
}

async fn transfer(known: &Known) -> Outcome {
    let at = known.client.at_current_block().await?;
    let to = known.bob.public_key().to_address::<()>();
    let call = dynamic::transaction("Balances", "transfer_keep_alive", (to, TAO));
    let progress = at.transactions().sign_and_submit_then_watch_default(&call, &known.alice).await?;
    let events = progress.wait_for_finalized_success().await?;
    let named: Vec<_> = events
        .iter()
        .filter_map(Result::ok)
        .map(|each| format!("{}.{}", each.pallet_name(), each.event_name()))
        .collect();
    expect(named.iter().any(|name| name == "Balances.Transfer"), &named.join(", "))
}

async fn order(known: &Known) -> Outcome {
    let at = known.client.at_current_block().await?;
    let call = dynamic::transaction(
        "SubtensorModule",
        "add_stake_limit",
        (known.hotkey, known.netuid, 100 * TAO, PRICE * 101 / 100, false),
    );
    let progress = at.transactions().sign_and_submit_then_watch_default(&call, &known.alice).await?;
    match progress.wait_for_finalized_success().await {
        Ok(_) => Err("an order past its limit went through".into()),
        Err(error) => {
            let text = error.to_string();
            expect(text.contains("SlippageTooHigh"), &text)
        }
    }
}
