"""The rules, by theme. One rule is one function; its docstring holds code, sentence, source and a worked example."""
