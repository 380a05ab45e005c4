"""JSON-RPC with `codex app-server`: the binary, the server process, the transport, typed methods, decoding.

Decodes once, at the border: nothing above this package sees a dict. Source of all shapes: the schema that
`codex app-server generate-json-schema --experimental` prints, and what real servers were seen to send.
"""
