// Loads a model of any format, runs it once on zeros, and prints what comes out.
//
//   load_and_run MODEL
#include <cstdio>
#include <vector>

#include "qgraph/qgraph.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: load_and_run MODEL\n"), 2;

  // try_load_graph never throws: a model, or a report that says why there is none. Warnings exist beside a model too.
  qgraph::LoadResult loaded = qgraph::try_load_graph(argv[1]);
  std::fputs(loaded.report.to_string().c_str(), stderr);
  if (loaded.model.empty()) return 1;

  qgraph::Session session(loaded.model, {.threads = 2});

  // Inputs by position, of the declared dtype. Dimensions that the model leaves open are the caller's: here 1, or all [1,4,4,3].
  std::vector<qgraph::Tensor> inputs;
  for (std::size_t i = 0; i < session.input_count(); ++i) {
    qgraph::TensorType type = session.input_type(i);
    if (!type.shape.ranked()) type.shape = qgraph::Shape{1, 4, 4, 3};
    for (std::int64_t& d : type.shape.mutable_dims()) d = d < 0 ? 1 : d;
    std::printf("input  %zu '%s': %s\n", i, session.input_name(i).c_str(), type.to_string().c_str());
    inputs.emplace_back(type, qgraph::Buffer::own(std::vector<std::byte>(type.bytes().value_or(0))));
  }

  // The views are valid until the next run.
  std::size_t i = 0;
  for (const qgraph::TensorView& out : session.run(inputs)) {
    std::printf("output %zu '%s': %s, %zu bytes\n", i, session.output_name(i).c_str(), out.type->to_string().c_str(),
                out.bytes.size());
    ++i;
  }
  return 0;
}
