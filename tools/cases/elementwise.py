# Cases of the elementwise ops.
from litert_cases import T, Node, case

for a in ['NONE', 'RELU', 'RELU_N1_TO_1', 'RELU6']:
    case('add', f'float_{a.lower()}', op='ADD', options={'fused_activation_function': a},
         inputs=[T('float32', [2, 3]), T('float32', [3], data='random')], outputs=[T('float32', [2, 3])])
    case('add', f'int8_{a.lower()}', op='ADD', version=2, options={'fused_activation_function': a},
         inputs=[T('int8', [2, 3, 4], scale=0.05, zero_point=3), T('int8', [3, 1], scale=0.025, zero_point=-7)], outputs=[T('int8', [2, 3, 4], scale=0.07, zero_point=-4)])
