// Small graphs made by hand, with kernels of their own: the runtime is tested without any op's help.
#pragma once

#include <initializer_list>
#include <vector>

#include "qgraph/builder.hpp"
#include "qgraph/session.hpp"

namespace qgraph::test {

Tensor floats(Shape shape, std::vector<float> values);
std::vector<float> values_of(const TensorView& view);

/// output = f(first elementwise), of the input's type.
HostOp elementwise(std::string name, float (*f)(float));
/// output = a + b elementwise, of a's type.
HostOp sum();
/// boolean[1]: the first input's first element is over 0.
HostOp positive();
/// Two 1-D inputs behind each other.
HostOp join();

/// x -> x + 1, `length` times, over float32[size].
Model chain_model(int length, std::int64_t size = 4);
/// (n, x) -> while (n > 0) { n -= 1; x += x }, x.
Model loop_model();
/// while (n > 0) { n -= 1; x = x ++ x }: the shape grows.
Model growing_model();
/// state s and variable v: call_once sets v to 10, s += x, v += x; outputs (s, v). x: float32[2].
Model variable_model();
/// if (c > 0) x + x else x + 1, by calls of bodies.
Model branch_model();
/// A graph that calls itself.
Model endless_model();

Graph finished(GraphBuilder& builder, std::vector<Value> outputs);

}  // namespace qgraph::test
