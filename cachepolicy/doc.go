// Package cachepolicy decides, from values alone, the cache key, freshness, and
// what to do.
//
// It answers the questions a cache has, and holds no cache:
//
//   - What makes two viewer requests the same? [Terms.Key]
//   - What is the origin sent? [Terms.Forward]
//   - May I answer from the store? [Terms.Plan]
//   - What do I do with what the origin said? [Terms.Settle]
//   - Which stored responses does an invalidation cover? [Invalidation.Covers]
//
// # Time
//
// Nothing here reads a clock. Instants are arguments, so that a server, a
// scenario and a prover get the same answer for the same instant.
//
// # Sources
//
// Behaviour follows RFC 9111 where CloudFront does and the project's ledgers in
// docs/cloudfront where it does not; ids such as [TTL-19] are their rows. Where two
// ledgers have a section of the same name it is that of caching.md, and
// [requests HDR-14] is that of requests.md. A row that is inferred or disputed is a
// field of [Emulation].
package cachepolicy
