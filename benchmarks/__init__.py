"""Speed measured side by side with other libraries; each module runs as python -m benchmarks.<name>."""
