// Random graphs of one input of bytes, op by op, each of them on results that there are already.
#pragma once

#include "kernels/one_op.hpp"

namespace qgraph::test {

class RandomGraph {
 public:
  /// `least` to `most` ops, fewer where `next` makes none. Now and then a second output, that other ops may read.
  Case make(std::int64_t least, std::int64_t most) {
    Case made;
    for (std::int64_t i = random_.in(least, most); i > 0; --i) {
      const Value y = next();
      if (!y) break;
      values_.push_back(y);
    }
    std::vector<Value> outputs{values_.back()};
    if (random_.one_in(3)) outputs.push_back(values_[static_cast<std::size_t>(random_.in(1, size() - 1))]);
    builder_.set_outputs(outputs);
    made.inputs.push_back(random_.any(input_));
    made.text = input_.to_string() + text_;
    made.model = Model({.graphs = {builder_.finish().value()}});
    return made;
  }

 protected:
  RandomGraph(Random& random, DType stored) : random_(random), stored_(stored) {}
  ~RandomGraph() = default;

  virtual Value next() = 0;
  void begin(TensorType input) {
    input_ = std::move(input);
    values_.push_back(builder_.input("x", input_));
  }
  std::int64_t size() const { return static_cast<std::int64_t>(values_.size()); }
  /// The newest result, or any.
  Value any() { return values_[static_cast<std::size_t>(random_.one_in(2) ? size() - 1 : random_.in(0, size() - 1))]; }
  Value add(std::string_view op, const std::vector<Value>& operands, Attributes attributes, const TensorType& out) {
    text_ += " " + std::string(op);
    for (Value v : operands) text_ += " " + v.type().shape.to_string();
    return builder_.add(op, operands, std::move(attributes), {out});
  }

  Random& random_;
  DType stored_;
  GraphBuilder builder_{};
  TensorType input_{};
  std::vector<Value> values_{};
  std::string text_{};
};

}  // namespace qgraph::test
