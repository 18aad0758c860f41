// Package audit looks at builds of a site as they lie there, and says what a deploy
// of them may trip over: no server, no cache, no exploring.
//
//   - Which URL stands for other bytes in another build? [Binding]
//   - Which reference leaves the release it stands in? [Escape], [Bare]
//   - What does a cache, a validator or a fallback page make of the builds?
//     [KeyTrap], [ValidatorTrap], [FallbackTrap], [BrokenVariant]
//   - What does a release cost, and who would notice a wrong file? [Cascade], [Integrity]
//
// It is pure: builds and modification times are arguments.
package audit
