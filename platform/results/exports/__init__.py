"""How records leave as files: one form a file, each a stream of bytes whose memory does not grow with the study.

Equal studies give equal bytes, so that a download that was cut off goes on where it was. What does not belong here:
what a record is (results/records/), and addresses (results/api/).
"""
