// Package prove explores every interleaving of a deploy, and returns a verdict:
// can anyone be shown stale, mixed or missing assets?
//
// Two provers look at the same [Deploy] and check each other. The fixpoint works
// out what each cache may hold for any number of visitors, any eviction and
// flights of any length; what it excludes is proved. The explorer walks every
// interleaving within [Bounds] and finds the shortest [Trace] to a violation.
// Both decide only with cachepolicy's functions, the ones the edge calls.
//
// Nothing here reads a clock, opens a socket or draws a random number: the same
// deploy and bounds give the same verdicts, byte for byte. docs/PROVER.md
// describes the model and what it leaves out.
package prove
