// Formats are told by the bytes, and what is no model is called what it is.
#include "formats/tflite/models.hpp"
#include "support/catch.hpp"

namespace qgraph {
namespace {

using namespace std::string_view_literals;

std::string found(std::string_view bytes, const std::string& name) {
  diagnose::Findings findings;
  const Format* f = sniff(std::as_bytes(std::span(bytes)), name, &findings);
  if (f) return std::string(f->name);
  REQUIRE(findings.list().size() == 1);
  const Diagnostic& d = findings.list()[0].diagnostic;
  CHECK(d.cause == Cause::unreadable_file);
  return d.code + " " + d.headline + "; " + d.found;
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_CASE("bytes decide, not the ending") {
  const auto model = test::made_model("tfl_mlp_int8");
  const std::string_view text(reinterpret_cast<const char*>(model.data()), model.size());
  CHECK(found(text, "model.onnx") == "tflite");
  CHECK(found(text, "model") == "tflite");
  std::string other(text);
  other.replace(4, 4, "ABCD");
  CHECK(found(other, "model") == "tflite");  // by its structure
}

TEST_CASE("what is no model") {
  CHECK(contains(found("", "m.tflite"), "QG1002"));
  const std::string lfs = found("version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 1234\n", "m.tflite");
  CHECK(contains(lfs, "QG1003"));
  CHECK(contains(lfs, "sha256:abc"));
  CHECK(contains(lfs, "1234 bytes"));
  CHECK(contains(found("\n <!DOCTYPE html><html>", "m.tflite"), "QG1004"));
  CHECK(contains(found("PK\x03\x04"sv, "m.tflite"), "zip"));
  CHECK(contains(found("\x1F\x8B\x08"sv, "m.tflite"), "gzip"));
  CHECK(contains(found("\x89PNG\r\n\x1A\n"sv, "m.tflite"), "PNG"));
  CHECK(contains(found("\x89HDF\r\n\x1A\n"sv, "m.h5"), "HDF5"));
  CHECK(contains(found("GGUF\x03"sv, "m.gguf"), "GGUF"));
  CHECK(contains(found("\x80\x04\x95\x10."sv, "m.pkl"), "pickle"));
  CHECK(contains(found("\x02\0\0\0\0\0\0\0{\"a\":1}"sv, "m.safetensors"), "safetensors"));
  CHECK(contains(found("{\"version\": \"0.6.1\", \"activation_encodings\": {\"x\": []}, \"param_encodings\": {}}", "m.encodings"),
                 "encodings"));
  CHECK(contains(found("{\"encodings\": [{\"name\": \"x\", \"y_scale\": 0.1}]}", "m.json"), "encodings"));
  CHECK(contains(found("TRT-8401-EntropyCalibration2\nx: 3c010a14\n", "m.cache"), "TensorRT"));
  CHECK(contains(found(std::string(100, '\0'), "m.tflite"), "QG1007"));
  CHECK(contains(found("404: Not Found", "m.tflite"), "404: Not Found"));
  CHECK(contains(found("\xDE\xAD\xBE\xEF\x01\x02"sv, "m.bin"), "de ad be ef 01 02"));
}

TEST_CASE("an ending alone is believed where the bytes say nothing") {
  CHECK(found("\xDE\xAD\xBE\xEF\x01\x02\x03\x04\x05\x06"sv, "m.tflite") == "tflite");
}

}  // namespace
}  // namespace qgraph
