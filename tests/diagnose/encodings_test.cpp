// Tables of scales beside a model: what is read of each dialect, and that a mended model is quantized by them.
#include "diagnose/encodings_file.hpp"
#include "qgraph/fix.hpp"
#include "support/catch.hpp"
#include "support/files.hpp"

using namespace qgraph;
using diagnose::parse_encodings;

TEST_CASE("an offset is minus the zero point of unsigned integers, their middle the signed zero") {
  const auto file = parse_encodings(R"({"activation_encodings": {"a": [{"bitwidth": 8, "scale": 0.5, "offset": -3}],
      "s": [{"bitwidth": 8, "scale": 0.25, "offset": -128}], "wide": [{"bitwidth": 16, "scale": 0.125, "offset": -32768}]}})");
  REQUIRE(file);
  REQUIRE(file->tensors.size() == 3);
  CHECK(file->tensors[0].dtype == DType::uint8);
  CHECK(file->tensors[0].zero_points == std::vector<std::int64_t>{3});
  CHECK(file->tensors[1].dtype == DType::int8);
  CHECK(file->tensors[1].zero_points == std::vector<std::int64_t>{0});
  CHECK(file->tensors[1].scales == std::vector<float>{0.25F});
  CHECK(file->tensors[2].dtype == DType::int16);
}

TEST_CASE("what is malformed is left out, and counted") {
  CHECK_FALSE(parse_encodings("not json"));
  CHECK_FALSE(parse_encodings("{}"));
  CHECK_FALSE(parse_encodings("[1]"));
  const auto file = parse_encodings(R"({"param_encodings": {"zero": [{"bitwidth": 8, "scale": 0, "offset": 0}],
      "far": [{"bitwidth": 8, "scale": 1, "offset": 5}], "odd": [{"bitwidth": 7, "scale": 1, "offset": 0}], "text": "x",
      "half": [{"bitwidth": 8, "scale": 1, "offset": -0.5}], "empty": []},
      "encodings": [{"name": "blocks", "output_dtype": "int4", "y_scale": [1], "block_size": 32}, {"y_scale": 1}, 7]})");
  REQUIRE(file);
  CHECK(file->tensors.empty());
  CHECK(file->left_out == 7);  // what has no name is nobody's
}

TEST_CASE("a mended model has a pair behind each value that the file names") {
  for (const auto& [name, pairs] : {std::pair("version_0_6", 4), std::pair("version_1", 3), std::pair("version_2", 2)}) {
    const FixResult fixed = fix(test::tests_folder() / "diagnostics" / "QG3126" / (std::string(name) + ".onnx"));
    INFO(name << ": " << fixed.report.to_string());
    CHECK(fixed.loadable);
    CHECK(fixed.applied.size() == 1);
    const std::string bytes(reinterpret_cast<const char*>(fixed.bytes.data()), fixed.bytes.size());
    int found = 0;
    for (std::size_t at = bytes.find("DequantizeLinear"); at != std::string::npos; at = bytes.find("DequantizeLinear", at + 1))
      ++found;
    CHECK(found == pairs);
  }
}
