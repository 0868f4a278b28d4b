"""Scores of models by tools that test their answers: lm-eval, LightEval, Inspect, promptfoo."""
