//! jsonwebtoken 8: a key of the set by `kid`, the algorithm, audience and issuer; `exp` with its own leeway of a minute.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{decode, decode_header, Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use std::io::BufRead;
use std::{env, error::Error, fs};

#[derive(Deserialize)]
struct Claims {
    sub: String,
}

fn verify(token: &str, keys: &JwkSet, policy: &Validation) -> Result<String, Box<dyn Error>> {
    let kid = decode_header(token)?.kid.ok_or("no kid")?;
    let key = DecodingKey::from_jwk(keys.find(&kid).ok_or("an unknown kid")?)?;
    Ok(decode::<Claims>(token, &key, policy)?.claims.sub)
}

fn main() -> Result<(), Box<dyn Error>> {
    let keys: JwkSet = serde_json::from_str(&fs::read_to_string(env::var("JWKS_FILE")?)?)?;
    let mut policy = Validation::new(env::var("ALGORITHM")?.parse::<Algorithm>()?);
    policy.set_audience(&[env::var("AUDIENCE")?]);
    policy.set_issuer(&[env::var("ISSUER")?]);
    for line in std::io::stdin().lock().lines() {
        match verify(line?.trim(), &keys, &policy) {
            Ok(subject) => println!("taken {subject}"),
            Err(error) => println!("refused {error}"),
        }
    }
    Ok(())
}
