//! Parameters by name, by position, or none.
use crate::error::Refusal;
use isonomy_client::api::{BlockAt, code};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Parameters as their names say. `usage` shows how they should look.
pub(crate) fn named<T: DeserializeOwned>(
    params: Option<Value>,
    names: &[&str],
    usage: &str,
) -> Result<T, Refusal> {
    let wrong = |why: String| Refusal::new(code::PARAMS, format!("{why}; give {usage}"));
    let params = match params {
        None => Map::new(),
        Some(Value::Object(params)) => params,
        Some(Value::Array(values)) if values.len() > names.len() => {
            return Err(wrong(format!("{} parameters, limit {}", values.len(), names.len())));
        }
        Some(Value::Array(values)) => {
            names.iter().map(|name| (*name).to_owned()).zip(values).collect()
        }
        Some(_) => return Err(wrong("params is neither an object nor an array".into())),
    };
    serde_json::from_value(Value::Object(params)).map_err(|error| wrong(error.to_string()))
}

/// Which block. By position a number is a height, anything else an id.
pub(crate) fn block_at(params: Option<Value>, usage: &str) -> Result<BlockAt, Refusal> {
    let name = match &params {
        Some(Value::Array(values)) if values.first().is_some_and(Value::is_number) => "height",
        _ => "id",
    };
    named(params, &[name], usage)
}

/// None.
pub(crate) fn none(params: Option<Value>) -> Result<(), Refusal> {
    let params: Map<String, Value> = named(params, &[], "none")?;
    match params.keys().next() {
        Some(name) => {
            Err(Refusal::new(code::PARAMS, format!("unknown parameter {name:?}; give none")))
        }
        None => Ok(()),
    }
}
