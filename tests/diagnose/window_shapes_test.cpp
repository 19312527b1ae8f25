// stride_from_shapes(): the stride that declared shapes leave for a convolution of 3 by 3 without padding.
#include "diagnose/window_shapes.hpp"

#include <algorithm>

#include "formats/format.hpp"
#include "source/edits.hpp"
#include "support/catch.hpp"
#include "support/files.hpp"

using namespace qgraph;
using namespace qgraph::diagnose;

TEST_CASE("the stride follows from shapes where they leave one, or one window", "[diagnose]") {
  const auto bytes = test::read_bytes(test::tests_folder() / "data" / "made" / "tfl_cnn_int8" / "model.tflite");
  const Budgets budgets;
  Findings findings;
  ReadContext context{Buffer::borrow(bytes), {}, &budgets, &findings};
  const auto model = find_format("tflite")->read(context);
  REQUIRE(model);
  model->op_rows = find_format("tflite")->ops;
  auto& nodes = model->graphs[0].nodes;
  const auto conv = std::ranges::find(nodes, std::string_view("CONV_2D"), &source::SourceNode::op);
  REQUIRE(conv != nodes.end());
  const source::NodeRef ref{0, static_cast<std::uint32_t>(conv - nodes.begin())};
  source::apply(*model, source::SetAttribute{ref, "padding", AttributeValue(std::string("VALID"))});
  REQUIRE((*model)[conv->inputs[1]].shape[1] == 3);
  const auto stride = [&](std::int64_t in, std::int64_t out) {
    (*model)[conv->inputs[0]].shape = Shape{1, in, 7, 8};
    (*model)[conv->outputs[0]].shape = Shape{1, out, 3, 8};
    return stride_from_shapes(*model, ref, "stride_h");
  };
  CHECK(stride(5, 2) == 2);
  CHECK(stride(6, 4) == 1);
  CHECK(stride(10, 3) == 3);
  CHECK_FALSE(stride(10, 2));  // 4 to 7
  CHECK_FALSE(stride(5, 5));   // none
  // One window lies where it lies.
  CHECK(stride(3, 1) == 1);
  CHECK(stride(4, 1) == 2);
}
