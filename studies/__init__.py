"""What a study is and what it has made so far: arms, candidates, rewrites, clips, scores, checkpoints.

`actions` write, `pipeline` decides what becomes possible; no engine runs here.
"""
