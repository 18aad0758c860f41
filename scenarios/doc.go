// Package scenarios plays a written story against an edge and reports.
//
// A story is a YAML file with both sides of a cache in it: what viewers ask and
// must get, and what origins are asked and answer. [Read] reads one, [Play] plays
// it in this process, and a [Report] says what was seen. A deploy file says how a
// site is brought to its servers, and [Explore] proves or refutes that all
// interleavings of it are safe. docs/SCENARIOS.md is the manual of both.
//
// # In a test
//
// For a test in Go no story is needed: an edge, a [Clock] and visitors are enough,
// as the example shows. Nothing sleeps, and nothing needs a socket.
//
// # Many at once
//
// With together: 20 twenty viewers ask at the same time, and the step goes the same
// way every time: one viewer begins after the other has been answered, waits for
// another one's answer, or has made the edge ask an origin, and origins answer one
// at a time, when nobody else runs. All of this are events of the edge, never time.
//
// # Time
//
// Cache time begins at [Start], stands still, and moves by the story's steps and by
// the delays of its origins, in whole seconds. Network time only bounds how long a
// step may be stuck.
package scenarios
