"""What outlives a call and still reaches a value: the static twin of the retaining tree that a heap snapshot shows.

A value is followed from where it enters a function through variables, objects, calls, listeners and files of its
package (`flow`, by the single moves of `moves`); what keeps what it reaches is decided as V8 decides it (`contexts`
for closures, `frames` for functions that wait, `lifetimes` for objects). `heads` does this for the head of an upgrade.
"""
