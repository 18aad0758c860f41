package cachepolicy

// Result is CloudFront's word for how a request was answered, as in X-Cache and
// in the log. [XC-01], [LOG-01]
type Result string

const (
	Hit               Result = "Hit"
	RefreshHit        Result = "RefreshHit"
	Miss              Result = "Miss"
	Error             Result = "Error"
	Redirect          Result = "Redirect"
	FunctionGenerated Result = "FunctionGeneratedResponse"
	LimitExceeded     Result = "LimitExceeded"
)

// Reason says why a request was answered as it was. The list is closed.
type Reason string

const (
	// Why a stored response answered.
	Fresh                Reason = "fresh: its lifetime is not over"
	StaleWhileRevalidate Reason = "stale-while-revalidate: answered stale, refreshed behind"
	StaleQuiet           Reason = "stale: the origin failed a moment ago and is not asked again yet"
	StaleIfError         Reason = "stale-if-error: the origin failed"
	StaleOnFailure       Reason = "stale: the origin failed and an expired copy was left"
	Revalidated          Reason = "revalidated: the origin said not modified"
	Joined               Reason = "joined a request for the same key that was already under way"

	// Why the origin was asked.
	NotStored        Reason = "nothing stored for this key"
	Invalidated      Reason = "the stored copy was invalidated"
	Expired          Reason = "the stored copy has expired"
	ExpiredUnchecked Reason = "the stored copy has expired and cannot be revalidated: no validator, or cookies are forwarded"
	NotReusable      Reason = "the origin allows no reuse: no-store or private"
	VaryStar         Reason = "the stored copy has Vary: *"
	ViewerAsked      Reason = "the viewer asked for revalidation"
	OnlyHeadStored   Reason = "only the answer to a HEAD is stored"

	// Why the cache took no part.
	MethodNotCached Reason = "the method is never cached"
	CachingDisabled Reason = "the cache policy disables caching"

	// Why an answer was the edge's own.
	OriginFailed      Reason = "the origin could not be reached or did not answer"
	UnknownHost       Reason = "no distribution has this host name"
	MethodNotAllowed  Reason = "the cache behavior does not allow the method"
	BodyNotAllowed    Reason = "a GET or HEAD with a body is refused"
	HTTPSRequired     Reason = "the cache behavior wants HTTPS"
	BadRequest        Reason = "the request is malformed"
	TooLong           Reason = "the request is larger than the limit"
	TooManyHops       Reason = "more than two distributions stand one behind the other"
	DistributionOff   Reason = "the distribution is disabled"
	FunctionAnswered  Reason = "the viewer-request function answered"
	ErrorPageReplaced Reason = "a custom error response replaced the origin's error"
)
