//! Translates a model to Rust with burn-onnx.
//!
//! `ONNX_MODEL` is its path. `ONNX_INPUTS` lists its inputs, each as `float` or `int` and its number of
//! dimensions, for example `float3,int1,float3,float3`.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-env-changed=ONNX_MODEL");
    println!("cargo::rerun-if-env-changed=ONNX_INPUTS");
    let out = std::env::var("OUT_DIR").unwrap();
    let (generated, call) = match (std::env::var("ONNX_MODEL"), std::env::var("ONNX_INPUTS")) {
        (Ok(model), Ok(inputs)) => {
            println!("cargo::rerun-if-changed={model}");
            burn_onnx::ModelGen::new()
                .input(&model)
                .out_dir("model/")
                .run_from_script();
            let stem = Path::new(&model).file_stem().unwrap().to_str().unwrap();
            let generated = format!("include!(concat!(env!(\"OUT_DIR\"), \"/model/{stem}.rs\"));");
            (generated, call(&inputs))
        }
        // Without a model only the dependencies are built.
        _ => (
            String::new(),
            "Err(\"built without a model\".into())".to_owned(),
        ),
    };
    let glue = format!(
        "mod generated {{ {generated} }}\n\
         fn outputs(inputs: &[Array]) -> Result<Vec<Array>, String> {{ {call} }}\n"
    );
    std::fs::write(Path::new(&out).join("glue.rs"), glue).unwrap();
}

/// The call of the model's `forward`, whose arguments have static types.
fn call(inputs: &str) -> String {
    let argument = |(n, input): (usize, &str)| {
        let (kind, rank) = input.split_at(input.len() - 1);
        format!("{kind}::<{rank}>(&inputs[{n}])")
    };
    let arguments: Vec<String> = inputs.split(',').enumerate().map(argument).collect();
    format!(
        "let (y, y_h, y_c) = generated::Model::default().forward({});\n\
         Ok(vec![output(y), output(y_h), output(y_c)])",
        arguments.join(", ")
    )
}
