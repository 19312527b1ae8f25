"""Cases of attention: ONNX's, answered by onnx's reference implementation, ONNX Runtime's; and of broadcasting before opset 7."""
import numpy as np
import onnx
from onnx import helper
from onnx.reference import ReferenceEvaluator
from onnx_cases import case, integers, reals

F = np.float32


def defined(name, op, inputs, opset, outputs=1, tolerance=1e-5, **attributes):
    names = ['' if x is None else f'i{i}' for i, x in enumerate(inputs)]
    infos = [helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(x.dtype), x.shape) for n, x in zip(names, inputs) if n]
    outs = [f'o{k}' for k in range(outputs)]
    node = helper.make_node(op, names, outs, **attributes)
    model = helper.make_model(helper.make_graph([node], 'g', infos, [helper.make_value_info(o, onnx.TypeProto()) for o in outs]), opset_imports=[helper.make_opsetid('', opset)])
    with np.errstate(all='ignore'):
        expect = ReferenceEvaluator(model).run(None, {n: x for n, x in zip(names, inputs) if n})
    case('attention', name, op, inputs, opset=opset, outputs=outputs, tolerance=tolerance, expect=expect, by=f"onnx {onnx.__version__}'s reference implementation", **attributes)


q, k, v = reals(2, 4, 3, 8), reals(2, 2, 5, 8, seed=1), reals(2, 2, 5, 6, seed=2)
defined('plain', 'Attention', [reals(2, 2, 3, 8), k, v], 23)
defined('groups_of_heads', 'Attention', [q, k, v], 23)
defined('flat', 'Attention', [reals(2, 3, 32), reals(2, 5, 16, seed=1), reals(2, 5, 12, seed=2)], 23, q_num_heads=4, kv_num_heads=2)
defined('causal', 'Attention', [q, k, v], 24, is_causal=1, scale=0.3)
defined('mask', 'Attention', [q, k, v, reals(3, 5, seed=3)], 23, softcap=2.0)
hidden = integers('uint8', 2, 1, 3, 5, low=0, high=1).astype(bool)
hidden[0, 0, 1] = False
defined('hidden_row', 'Attention', [q, k, v, hidden], 24, outputs=4, qk_matmul_output_mode=3)
defined('short_mask', 'Attention', [q, k, v, np.ones((3, 4), bool)], 24)
defined('past', 'Attention', [q, k, v, None, reals(2, 2, 2, 8, seed=5), reals(2, 2, 2, 6, seed=6)], 23, outputs=4, is_causal=1, softcap=1.5, qk_matmul_output_mode=1)
defined('shown_with_mask', 'Attention', [q, k, v, reals(2, 1, 3, 5, seed=3)], 24, outputs=4, qk_matmul_output_mode=2)
defined('lengths', 'Attention', [q, k, v, None, None, None, np.int64([5, 2])], 24, is_causal=1)
defined('window', 'Attention', [reals(1, 2, 6, 4), reals(1, 2, 6, 4, seed=1), reals(1, 2, 6, 4, seed=2)], 25, left_window_size=2, right_window_size=1)
defined('half', 'Attention', [a.astype(np.float16) for a in (q, k, v)], 23, tolerance=1e-3)

qs, ks, vs = reals(2, 5, 12), reals(2, 5, 6, seed=1), reals(2, 5, 8, seed=2)
decay, beta = -np.abs(reals(2, 5, 2, seed=3)), np.abs(reals(2, 5, 2, seed=4)) / 3
two = dict(q_num_heads=4, kv_num_heads=2)
defined('linear', 'LinearAttention', [qs, ks, vs], 27, outputs=2, update_rule='linear', **two)
defined('linear_gated', 'LinearAttention', [qs, ks, vs, reals(2, 2, 3, 4, seed=5), -np.abs(reals(2, 5, 6, seed=6))], 27, outputs=2, update_rule='gated', scale=0.4, **two)
defined('linear_delta', 'LinearAttention', [qs, ks, vs, None, None, beta[:, :, :1]], 27, outputs=2, update_rule='delta', **two)
defined('linear_gated_delta', 'LinearAttention', [qs, ks, vs, None, decay, beta], 27, outputs=2, **two)

defined('causal_conv', 'CausalConvWithState', [reals(2, 3, 5), reals(3, 1, 4, seed=1)], 27, outputs=2)
defined('causal_conv_state', 'CausalConvWithState', [reals(2, 3, 2), reals(3, 1, 4, seed=1), reals(3, seed=2), reals(2, 3, 3, seed=3)], 27, outputs=2, activation='silu')

# com.microsoft, answered by ONNX Runtime
MS = 'com.microsoft'
query, key, value, bias = reals(2, 3, 16), reals(2, 5, 16, seed=1), reals(2, 5, 16, seed=2), reals(48, seed=3)
case('attention', 'multi_head', 'MultiHeadAttention', [query, key, value], domain=MS, num_heads=4, tolerance=1e-5)
case('attention', 'multi_head_bias', 'MultiHeadAttention', [query, key, value, bias], domain=MS, num_heads=4, scale=0.3, tolerance=1e-5)
case('attention', 'multi_head_mask', 'MultiHeadAttention', [query, key, value, None, np.int32([[1, 1, 1, 0, 0], [1, 1, 1, 1, 0]])], domain=MS, num_heads=2, tolerance=1e-5)
case('attention', 'multi_head_attention_bias', 'MultiHeadAttention', [query, key, value, None, None, reals(1, 2, 3, 5, seed=4)], domain=MS, num_heads=2, tolerance=1e-5)
case('attention', 'multi_head_past', 'MultiHeadAttention', [query, reals(2, 3, 16, seed=1), reals(2, 3, 16, seed=2), None, None, None, reals(2, 2, 4, 8, seed=5), reals(2, 2, 4, 8, seed=6)], domain=MS, outputs=3, num_heads=2, unidirectional=1, tolerance=1e-5)
case('attention', 'multi_head_cross', 'MultiHeadAttention', [query, reals(2, 2, 5, 8, seed=1), reals(2, 2, 5, 8, seed=2)], domain=MS, num_heads=2, tolerance=1e-5)

# before opset 7 an operand lay along an axis
x, y = reals(2, 3, 4, 5, low=0.5), reals(3, 4, low=0.5, seed=1)
for op, f in (('Add', np.add), ('Sub', np.subtract), ('Mul', np.multiply), ('Div', np.divide), ('Pow', np.power), ('Greater', np.greater), ('Less', np.less)):
    case('old_broadcast', op, op, [x, y], opset=6, axis=1, broadcast=1, tolerance=1e-6, expect=[f(x, y[None, :, :, None])], by='the definition')
p, q_ = x > 1, y > 1
for op, f in (('And', np.logical_and), ('Or', np.logical_or), ('Xor', np.logical_xor)):
    case('old_broadcast', op, op, [p, q_], opset=6, axis=1, broadcast=1, expect=[f(p, q_[None, :, :, None])], by='the definition')
i, j = integers('int32', 2, 3, 4, low=0, high=3), integers('int32', 3, low=0, high=3)
case('old_broadcast', 'Equal', 'Equal', [i, j], opset=6, axis=1, broadcast=1, expect=[i == j[None, :, None]], by='the definition')
