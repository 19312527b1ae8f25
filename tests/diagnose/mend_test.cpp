// mend(): a bias that several nodes read has one label, which is changed only where it suits them all.
#include <algorithm>

#include "diagnose/fix.hpp"
#include "formats/format.hpp"
#include "qgraph/registry.hpp"
#include "support/catch.hpp"
#include "support/files.hpp"

using namespace qgraph;
using namespace qgraph::diagnose;

namespace {

/// A model of two dense layers, read anew.
std::unique_ptr<source::Model> perceptron(std::span<const std::byte> bytes, Findings& findings) {
  static const Budgets budgets;
  ReadContext context{Buffer::borrow(bytes), {}, &budgets, &findings};
  auto model = find_format("tflite")->read(context);
  if (model) model->op_rows = find_format("tflite")->ops;
  return model;
}

source::TensorRef copy_with_scale(source::Model& model, source::TensorRef from, double factor) {
  auto& tensors = model.graphs[0].tensors;
  const source::TensorRef to{0, static_cast<std::uint32_t>(tensors.size())};
  tensors.push_back(source::SourceTensor(tensors[from.index]));
  const auto sites = model.sites;
  for (source::QuantizationSite site : sites) {
    if (site.stored != from) continue;
    site.stored = site.real = to;
    for (double& scale : site.scales.values) scale *= factor;
    model.sites.push_back(std::move(site));
  }
  return to;
}

/// The first dense layer once more, with weights whose scales are `factor` times the first's, and the same bias.
void add_second_reader(source::Model& model, double factor) {
  auto& nodes = model.graphs[0].nodes;
  const auto dense = std::ranges::find(nodes, std::string_view("FULLY_CONNECTED"), &source::SourceNode::op);
  REQUIRE(dense != nodes.end());
  source::SourceNode second = *dense;
  second.inputs[1] = copy_with_scale(model, second.inputs[1], factor);
  second.outputs[0] = copy_with_scale(model, second.outputs[0], factor);
  nodes.push_back(std::move(second));
}

void scale_bias(source::Model& model, double factor) {
  const auto dense = std::ranges::find(model.graphs[0].nodes, std::string_view("FULLY_CONNECTED"), &source::SourceNode::op);
  for (source::QuantizationSite& site : model.sites)
    if (site.stored == dense->inputs[2])
      for (double& scale : site.scales.values) scale *= factor;
}

Mended mended(source::Model& model, Findings findings) {
  const Registry registry = Registry::with_builtins();
  return mend(model, std::move(findings), registry, {}, false, {});
}

std::vector<const Finding*> of_code(const std::vector<Finding>& list, std::string_view code) {
  std::vector<const Finding*> found;
  for (const Finding& f : list)
    if (f.diagnostic.code == code) found.push_back(&f);
  return found;
}

}  // namespace

TEST_CASE("a label of a bias is mended where it suits all readers", "[mend]") {
  const auto bytes = test::read_bytes(test::tests_folder() / "data" / "made" / "tfl_mlp_int8" / "model.tflite");
  Findings findings;
  const auto model = perceptron(bytes, findings);
  REQUIRE(model);
  add_second_reader(*model, 1.0);
  scale_bias(*model, 1.25);
  const Mended done = mended(*model, findings);
  CHECK(of_code(done.applied, "QG3206").size() == 1);
  CHECK(of_code(done.left.list(), "QG3206").empty());
}

TEST_CASE("a label that no value suits is told once, and left", "[mend]") {
  const auto bytes = test::read_bytes(test::tests_folder() / "data" / "made" / "tfl_mlp_int8" / "model.tflite");
  Findings findings;
  const auto model = perceptron(bytes, findings);
  REQUIRE(model);
  add_second_reader(*model, 1.25);
  const Mended done = mended(*model, findings);
  CHECK(of_code(done.applied, "QG3206").empty());
  const auto left = of_code(done.left.list(), "QG3206");
  REQUIRE(left.size() == 1);
  CHECK_FALSE(left[0]->diagnostic.fix.has_value());
}
