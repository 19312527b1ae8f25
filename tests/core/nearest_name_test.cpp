// Near names: spelling, spelling of other formats, and parts.
#include "core/nearest_name.hpp"

#include "support/catch.hpp"

using qgraph::edit_distance;
using qgraph::nearest_names;

TEST_CASE("edit distance counts letters and swaps") {
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("softmax", "softmax") == 0);
  CHECK(edit_distance("sotfmax", "softmax") == 1);
  CHECK(edit_distance("softmx", "softmax") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("near names are spelling mistakes first, then parts") {
  const std::vector<std::string> known{"CONV_2D", "CONV_3D", "DEPTHWISE_CONV_2D", "SOFTMAX", "TRANSPOSE_CONV", "ai.onnx::Conv"};
  CHECK(nearest_names("Conv2D", known) == std::vector<std::string>{"CONV_2D", "CONV_3D", "ai.onnx::Conv", "DEPTHWISE_CONV_2D"});
  CHECK(nearest_names("SOFTMX", known) == std::vector<std::string>{"SOFTMAX"});
  CHECK(nearest_names("CustomQuantizedConv2D", known) == std::vector<std::string>{"CONV_2D", "ai.onnx::Conv"});
  CHECK(nearest_names("QuantConv2D", std::vector<std::string>{"Conv2D", "CONV_2D", "QUANT"}) ==
        std::vector<std::string>{"CONV_2D", "QUANT"});
  CHECK(nearest_names("VendorNpuBlock", known).empty());
  CHECK(nearest_names("", known).empty());
  CHECK(nearest_names("Conv2D", known, 1).size() == 1);
}
