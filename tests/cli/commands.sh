#!/bin/sh
# The command line's contract: exit codes, output formats, files. Usage: commands.sh QGRAPH TESTS_FOLDER
qgraph=$1
cases=$2/diagnostics
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# expect CODE WHAT COMMAND...: runs, keeps stdout and stderr in $work.
expect() {
  wanted=$1; what=$2; shift 2
  "$@" > "$work/out" 2> "$work/err"
  got=$?
  [ $got -eq "$wanted" ] || { echo "FAILED: $what: exit $got, not $wanted"; cat "$work/out" "$work/err"; failed=1; }
}
# has FILE TEXT WHAT
has() { grep -qF -- "$2" "$work/$1" || { echo "FAILED: $3: no '$2' in $1"; cat "$work/$1"; failed=1; }; }
lacks() { if grep -qF -- "$2" "$work/$1"; then echo "FAILED: $3: '$2' in $1"; failed=1; fi; }

expect 0 "version" "$qgraph" --version;                             has out "qgraph " "version"
expect 0 "help" "$qgraph" --help;                                   has out "check" "help"; has out "explain" "help"
expect 0 "help of a command" "$qgraph" run --help;                  has out "--next" "run help"; has out "Examples" "run help"
expect 2 "no command" "$qgraph"
expect 2 "unknown command" "$qgraph" frobnicate
expect 2 "unknown option" "$qgraph" check --frobnicate x
expect 2 "no such file" "$qgraph" check "$work/none.tflite";        has err "cannot open" "no such file"
expect 2 "no such file to run" "$qgraph" run "$work/none.tflite"

expect 0 "sound model" "$qgraph" check "$cases/sound.tflite";       has out "no problems" "sound model"
expect 1 "broken model" "$qgraph" check "$cases/QG2001/custom_op.tflite"
has out "error[QG2001]" "broken model"; has out "explain: qgraph explain QG2001" "broken model"
expect 0 "ignored" "$qgraph" check "$cases/QG2001/custom_op.tflite" --ignore QG2001
expect 0 "a warning" "$qgraph" check "$cases/QG4023/reshape_first.tflite"; has out "warning[QG4023]" "a warning"
expect 1 "strict" "$qgraph" check "$cases/QG4023/reshape_first.tflite" --strict
expect 1 "json" "$qgraph" check "$cases/QG2001/custom_op.tflite" --format json
has out '"loadable": false' "json"; has out '"cause": "unknown-op"' "json"
expect 1 "folder" "$qgraph" check "$cases" --format jsonl
[ "$(wc -l < "$work/out")" -ge 20 ] || { echo "FAILED: folder: too few lines"; failed=1; }
expect 1 "sarif" "$qgraph" check "$cases/QG2001" "$cases/QG4023" --format sarif; has out '"version": "2.1.0"' "sarif"; has out 'QG4023' "sarif"
: > "$work/empty.tflite"
expect 1 "empty file" "$qgraph" check "$work/empty.tflite";         has out "QG1002" "empty file"

expect 0 "run" "$qgraph" run "$cases/sound.tflite" -o "$work/a" --seed 7
[ -f "$work/a/out_0.npy" ] || { echo "FAILED: run wrote no out_0.npy"; failed=1; }
expect 0 "run again" "$qgraph" run "$cases/sound.tflite" -o "$work/b" --seed 7 --kernels reference --threads 2
cmp -s "$work/a/out_0.npy" "$work/b/out_0.npy" || { echo "FAILED: the same seed gave another output"; failed=1; }
expect 0 "an output as input elsewhere" "$qgraph" run "$cases/sound.tflite" --next --seed 7 -o "$work/c" --dump "$work/nodes"
[ "$(ls "$work/nodes" | wc -l)" -eq 5 ] || { echo "FAILED: --dump wrote $(ls "$work/nodes" | wc -l) files, not 5"; failed=1; }
expect 2 "input of another shape or dtype" "$qgraph" run "$cases/sound.tflite" -i 0="$work/empty.tflite"
expect 2 "no such input" "$qgraph" run "$cases/sound.tflite" -i 9="$work/a/out_0.npy"; has err "no such input" "no such input"
expect 1 "run a broken model" "$qgraph" run "$cases/QG2001/custom_op.tflite"; has err "error[QG2001]" "run a broken model"; lacks out "QG2001" "run a broken model"
expect 0 "run a mended model" "$qgraph" run "$cases/QG4023/reshape_first.tflite" --seed 7 -o "$work/d"
cmp -s "$work/a/out_0.npy" "$work/d/out_0.npy" || { echo "FAILED: nodes in another order gave another output"; failed=1; }
expect 2 "no such signature" "$qgraph" run "$cases/sound.tflite" --signature none

# Mending.
broken=$cases/QG2022/stride_w_0.tflite
expect 0 "fix" "$qgraph" fix "$broken" -o "$work/fixed.tflite";     has out "mended[QG2022]" "fix"; has out "stride_w 0 -> 2" "fix"; has out "then no problems" "fix"
expect 0 "the fixed file" "$qgraph" check "$work/fixed.tflite";     has out "no problems" "the fixed file"
expect 0 "run the fixed file" "$qgraph" run "$work/fixed.tflite" --seed 7 -o "$work/f"
cmp -s "$work/a/out_0.npy" "$work/f/out_0.npy" || { echo "FAILED: the fixed model gave another output than the sound one"; failed=1; }
expect 0 "fix again" "$qgraph" fix "$work/fixed.tflite" -o "$work/again.tflite"; has out "0 mends" "fix again"
cmp -s "$work/fixed.tflite" "$work/again.tflite" || { echo "FAILED: fixing twice changed the file"; failed=1; }
expect 0 "fix of ONNX" "$qgraph" fix "$cases/QG3202/scale_nan.onnx" -o "$work/fixed.onnx"; has out "mended[QG3202]" "fix of ONNX"
expect 0 "the fixed ONNX file" "$qgraph" check "$work/fixed.onnx";  has out "no problems" "the fixed ONNX file"
expect 2 "fix without a place" "$qgraph" fix "$broken";              has err "needs -o OUT, or --dry-run" "fix without a place"
expect 0 "dry run" "$qgraph" fix "$broken" --dry-run -o "$work/dry.tflite"; has out "nothing written (--dry-run)" "dry run"
[ -e "$work/dry.tflite" ] && { echo "FAILED: --dry-run wrote a file"; failed=1; }
expect 0 "fix as JSON" "$qgraph" fix "$broken" --dry-run --format json
has out '"written": null' "fix as JSON"; has out '"code": "QG2022"' "fix as JSON"; has out '"changes": [' "fix as JSON"; has out '"confidence": "likely"' "fix as JSON"
expect 0 "fix as JSON, written" "$qgraph" fix "$broken" -o "$work/fixed.tflite" --format json; has out "\"written\": \"$work/fixed.tflite\"" "fix as JSON, written"
two=$cases/several/scale_nan__bias_int64__stale_value.onnx
expect 1 "only" "$qgraph" fix "$two" --only QG3202 -o "$work/only.onnx"; has out "mended[QG3202]" "only"; lacks out "mended[QG3113]" "only"
[ -e "$work/only.onnx" ] && { echo "FAILED: a file with errors was written without --partial"; failed=1; }
expect 1 "partial" "$qgraph" fix "$two" --only QG3202 --partial -o "$work/partial.onnx"
expect 1 "the partly fixed file" "$qgraph" check "$work/partial.onnx"; has out "QG3113" "the partly fixed file"; lacks out "QG3202" "the partly fixed file"
expect 0 "the rest" "$qgraph" fix "$work/partial.onnx" --only QG3113,QG3112 -o "$work/whole.onnx"
expect 0 "the whole" "$qgraph" check "$work/whole.onnx" --strict
lost=$cases/QG3202/scale_negative.tflite
expect 1 "a scale that nothing tells" "$qgraph" fix "$lost" -o "$work/set.tflite"; has out "needs_input" "a scale that nothing tells"
expect 0 "set" "$qgraph" fix "$lost" --set dense.scale=0.3 -o "$work/set.tflite"; has out "tensor 'dense': scale 0.3" "set"
expect 0 "run what was set" "$qgraph" run "$work/set.tflite" --seed 7 -o "$work/s"
cmp -s "$work/a/out_0.npy" "$work/s/out_0.npy" || { echo "FAILED: with the scale set the model gave another output than the sound one"; failed=1; }
expect 2 "set of no tensor" "$qgraph" fix "$lost" --set nobody.scale=1 --dry-run; has err "no tensor has this name" "set of no tensor"
expect 2 "set of no number" "$qgraph" fix "$lost" --set dense.scale=x --dry-run; has err "expected TENSOR.scale=V" "set of no number"
expect 2 "set of a scale below zero" "$qgraph" fix "$lost" --set dense.scale=-1 --dry-run; has err "a scale is positive" "set of a scale below zero"
expect 0 "set of a zero point" "$qgraph" fix "$cases/sound.tflite" --set dense.zero_point=3 -o "$work/zero.tflite"
expect 0 "the zero point" "$qgraph" inspect "$work/zero.tflite" -v;  has out "zero_point 3" "the zero point"

# qgraph JSON: written anew from the mended graph. Other JSON files of a folder are no models.
mkdir "$work/json"
printf '{"nodes": [{"name": "conv", "op": "Conv2D", "input": "x", "weights": [-12, 5, 1], "dtype": "qint8"}]}' > "$work/json/model.json"
printf '{"cause": ["wrong-order"], "nodes": 3, "file": "model.tflite"}' > "$work/json/truth.json"
printf '[1, 2, 3]' > "$work/json/list.json"
printf '{"name": "x", "tensors": {"a": [1, 2]}}' > "$work/json/tensors.json"
expect 1 "models of a folder" "$qgraph" check "$work/json" --format jsonl
has out "model.json" "models of a folder"; lacks out "truth.json" "models of a folder"; lacks out "list.json" "models of a folder"; lacks out "tensors.json" "models of a folder"
expect 1 "JSON without a scale" "$qgraph" check "$work/json/model.json"; has out "QG3201" "JSON without a scale"
expect 0 "fix of JSON" "$qgraph" fix "$work/json/model.json" --set conv/weights.scale=0.02 -o "$work/json/fixed.json"
expect 0 "the fixed JSON file" "$qgraph" check "$work/json/fixed.json"; has out "no problems" "the fixed JSON file"
expect 0 "fix of JSON again" "$qgraph" fix "$work/json/fixed.json" -o "$work/json/again.json"
cmp -s "$work/json/fixed.json" "$work/json/again.json" || { echo "FAILED: fixing JSON twice changed the file"; failed=1; }

expect 0 "inspect" "$qgraph" inspect "$cases/sound.tflite";         has out "CONV_2D:qint8" "inspect"; has out "scale 0.05" "inspect"
expect 0 "inspect as json" "$qgraph" inspect "$cases/sound.tflite" --format json; has out '"SOFTMAX:qint8": 1' "inspect as json"
expect 0 "explain" "$qgraph" explain qg4023;                        has out "QG4023: " "explain"
expect 0 "all codes" "$qgraph" explain;                             has out "QG2001" "all codes"
expect 2 "no such code" "$qgraph" explain QG0000
expect 0 "ops" "$qgraph" ops tflite;                                has out "CONV_2D" "ops"
expect 0 "bench" "$qgraph" bench "$cases/sound.tflite" --seconds 0 --format json
for field in load_ms first_run_ms median peak_rss_bytes arena_bytes packed_bytes runs; do has out "\"$field\"" "bench"; done
expect 0 "profile" "$qgraph" bench "$cases/sound.tflite" --seconds 0 --profile
for word in share GMAC/s GB/s depthwise_conv_2d depthwise_s8/ softmax total; do has out "$word" "profile"; done
expect 0 "profile as json" "$qgraph" bench "$cases/sound.tflite" --seconds 0 --profile --kernels reference --format json
for field in nodes total median_us gmac_per_s gb_per_s multiply_adds; do has out "\"$field\"" "profile as json"; done
has out '"kernel": "reference"' "profile as json"; has out '"name": "depthwise"' "profile as json"
expect 0 "packing" "$qgraph" bench "$cases/sound.tflite" --seconds 0 --packed-cache "$work/packed" --format json; has out '"cached_bytes": 0' "packing"
expect 0 "packed before" "$qgraph" run "$cases/sound.tflite" --seed 7 --packed-cache "$work/packed" -o "$work/e"
cmp -s "$work/a/out_0.npy" "$work/e/out_0.npy" || { echo "FAILED: packed weights from a file gave another output"; failed=1; }
expect 0 "packed before" "$qgraph" bench "$cases/sound.tflite" --seconds 0 --packed-cache "$work/packed" --format json; lacks out '"cached_bytes": 0' "packed before"
NO_COLOR=1 "$qgraph" check "$cases/QG2001/custom_op.tflite" | grep -q "$(printf '\033')" && { echo "FAILED: colour in a pipe"; failed=1; }
exit $failed
