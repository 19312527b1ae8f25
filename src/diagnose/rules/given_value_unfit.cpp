// QG3210: a value passed to fix. Found by fix(); the page stands here.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule given_value_unfit{
    .code = "QG3210",
    .title = "a value given to fix",
    .phase = Phase::quantization,
    .explanation =
        R"(Some values stand nowhere in a file any more: the scale of a tensor whose parameters were dropped and that no
neighbour tells. Whoever quantized the model knows them, and passes them on:

    qgraph fix model.tflite -o fixed.tflite --set conv1/out.scale=0.023 --set conv1/out.zero_point=-128

Several values, for scales along an axis, are joined with commas. As an error it says that the value fits nothing: no
tensor has this name, a scale is not positive, or a zero point is not a whole number.)",
};

}  // namespace qgraph::diagnose::rules
