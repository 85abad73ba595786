"""The final project: users, orders and shipping behind one gateway, made of what the lessons before have built.

No lesson comes after this one; the demo, the notebook and the benchmarks use ``gateway.bulk`` and the processes.
"""
