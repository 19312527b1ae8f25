# Cases of SVDF and the basic recurrent ops.
import numpy as np
from litert_cases import T, Node, case


def weights(dtype, shape, scale=0.01):
    return T(dtype, shape, data='random', low=-1, high=1) if dtype == 'float32' else T('int8', shape, scale=scale, data='random', low=-127, high=127)


for k, (batch, size, units, rank, memory) in enumerate([(1, 4, 3, 1, 5), (2, 5, 2, 2, 3), (3, 4, 3, 2, 1)]):
    filters = units * rank
    for activation in ['NONE', 'RELU', 'RELU6', 'TANH'][:4 if k == 1 else 2]:
        for biased in [True, False] if activation == 'NONE' else [True]:
            o = dict(rank=rank, fused_activation_function=activation)
            state = lambda: T('float32', [batch, filters * memory], variable=True)
            name = f'{k}_{activation.lower()}_{biased}'
            b = lambda: T('float32', [units], data='random') if biased else None
            case('svdf', f'float32_{name}', op='SVDF', options=o, runs=3, inputs=[T('float32', [batch, size]), weights('float32', [filters, size]), weights('float32', [filters, memory]), b(), state()],
                 outputs=[T('float32', [batch, units])])
            for asymmetric in [False, True] if biased else []:
                case('svdf', f'hybrid_{name}_{asymmetric}', op='SVDF', version=4 if asymmetric else 2, options={**o, 'asymmetric_quantize_inputs': asymmetric}, runs=2,
                     inputs=[T('float32', [batch, size]), weights('int8', [filters, size]), weights('int8', [filters, memory]), b(), state()], outputs=[T('float32', [batch, units])])
    case('svdf', f'int8_{k}', op='SVDF', version=3, options=dict(rank=rank, fused_activation_function='RELU'), runs=4,
         inputs=[T('int8', [batch, size], scale=0.05, zero_point=3), weights('int8', [filters, size]), T('int16', [filters, memory], scale=0.0003, data='random', low=-3000, high=3000),
                 T('int32', [units], scale=0.0005 * 0.0003, data='random', low=-200000, high=200000), T('int16', [batch, filters * memory], scale=0.0005, variable=True)],
         outputs=[T('int8', [batch, units], scale=0.03, zero_point=-7)])

for kind in ['float32', 'int8']:
    for k, activation in enumerate(['NONE', 'RELU', 'TANH', 'RELU6', 'RELU_N1_TO_1']):
        batch, time, size, units = [(1, 3, 4, 2), (2, 2, 3, 5), (3, 4, 6, 4), (2, 1, 2, 3), (1, 5, 2, 2)][k]
        for asymmetric in [False, True][:1 if kind == 'float32' else 2]:
            o = dict(fused_activation_function=activation, asymmetric_quantize_inputs=asymmetric)
            version = 3 if asymmetric else 2 if kind == 'int8' else 1
            cell = lambda: [weights(kind, [units, size], 0.004), weights(kind, [units, units], 0.003), T('float32', [units], data='random'), T('float32', [batch, units], variable=True)]
            name = f'{kind}_{activation.lower()}_{asymmetric}'
            case('rnn', name, op='RNN', version=version, options=('RNNOptions', o), runs=3, inputs=[T('float32', [batch, size]), *cell()], outputs=[T('float32', [batch, units])])
            for major in [False, True] if k < 4 else [False]:
                lead = [time, batch] if major else [batch, time]
                case('unidirectional_sequence_rnn', f'{name}_{major}', op='UNIDIRECTIONAL_SEQUENCE_RNN', version=version, options=('SequenceRNNOptions', {**o, 'time_major': major}), runs=2,
                     inputs=[T('float32', lead + [size]), *cell()], outputs=[T('float32', lead + [units])])
                # LiteRT crashes where outputs are merged and time comes first; its hybrid kernel runs such a sequence as often as it is long.
                for merge in [True] if not major and k % 2 == 0 else [False] if k < 4 and not asymmetric and not (major and kind == 'int8') else []:
                    out = [T('float32', lead + [2 * units])] if merge else [T('float32', lead + [units]), T('float32', lead + [units])]
                    aux = [T('float32', lead + [size]), weights(kind, [units, size], 0.004), weights(kind, [units, size], 0.004)] if k % 2 else [None, None, None]
                    case('bidirectional_sequence_rnn', f'{name}_{major}_{merge}', op='BIDIRECTIONAL_SEQUENCE_RNN', version=version,
                         options=('BidirectionalSequenceRNNOptions', {**o, 'time_major': major, 'merge_outputs': merge}), runs=2,
                         inputs=[T('float32', lead + [size]), *cell(), *cell(), *aux], outputs=out)
