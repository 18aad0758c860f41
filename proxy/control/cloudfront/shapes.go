package cloudfront

// shapes are the documents of the API: a name, and below it the members in the order
// in which they are written. [CFG-60] to [CFG-114], [API-220] to [API-230]
//
// A member is its name, ! if a request must have it, its form, and what stands there
// when it is left out. [API-262], [API-310] to [API-318] The forms are
//
//	text, text(a|b)  any text; one of these words
//	int, float       numbers
//	flag             true or false
//	time             an instant, in answers only
//	Shape            another shape
//	[Name form]      elements called Name, without a wrapper of their own
//	{Name form}      Quantity and Items, which holds elements called Name
//
// and +Shape takes over the members of another one.
const shapes = `
ErrorResponse
	Error Error
	RequestId text

Error
	Type text
	Code text
	Message text

Distribution
	Id text
	ARN text
	Status text
	LastModifiedTime time
	InProgressInvalidationBatches int
	DomainName text
	ActiveTrustedSigners Active = {}
	ActiveTrustedKeyGroups Active = {}
	DistributionConfig DistributionConfig
	AliasICPRecordals [AliasICPRecordal AliasICPRecordal]

Active
	Enabled flag = false
	Quantity int = 0

AliasICPRecordal
	CNAME text
	ICPRecordalStatus text

DistributionConfig
	CallerReference! text
	Aliases {CNAME text} = {}
	DefaultRootObject text = ""
	Origins! {Origin Origin}
	OriginGroups {OriginGroup OriginGroup} = {}
	DefaultCacheBehavior! DefaultCacheBehavior
	CacheBehaviors {CacheBehavior CacheBehavior} = {}
	CustomErrorResponses {CustomErrorResponse CustomErrorResponse} = {}
	Comment! text
	Logging Logging = {}
	PriceClass text(PriceClass_100|PriceClass_200|PriceClass_All|None) = PriceClass_All
	Enabled! flag
	ViewerCertificate ViewerCertificate = {}
	Restrictions Restrictions = {}
	WebACLId text = ""
	HttpVersion text(http1.1|http2|http3|http2and3) = http2
	IsIPV6Enabled flag = false
	ContinuousDeploymentPolicyId text = ""
	Staging flag = false
	AnycastIpListId text
	TenantConfig TenantConfig
	ConnectionMode text(direct|tenant-only)
	ViewerMtlsConfig ViewerMtlsConfig
	ConnectionFunctionAssociation ConnectionFunctionAssociation
	CacheTagConfig CacheTagConfig

Origin
	Id! text
	DomainName! text
	OriginPath text = ""
	CustomHeaders {OriginCustomHeader OriginCustomHeader} = {}
	S3OriginConfig S3OriginConfig
	CustomOriginConfig CustomOriginConfig
	VpcOriginConfig VpcOriginConfig
	ConnectionAttempts int = 3
	ConnectionTimeout int = 10
	ResponseCompletionTimeout int
	OriginShield OriginShield = {}
	OriginAccessControlId text = ""

OriginCustomHeader
	HeaderName! text
	HeaderValue! text

S3OriginConfig
	OriginAccessIdentity! text
	OriginReadTimeout int

CustomOriginConfig
	HTTPPort! int
	HTTPSPort! int
	OriginProtocolPolicy! text(http-only|match-viewer|https-only)
	OriginSslProtocols {SslProtocol text(SSLv3|TLSv1|TLSv1.1|TLSv1.2)}
	OriginReadTimeout int = 30
	OriginKeepaliveTimeout int = 5
	IpAddressType text(ipv4|ipv6|dualstack)
	OriginMtlsConfig OriginMtlsConfig

OriginMtlsConfig
	ClientCertificateArn! text

VpcOriginConfig
	VpcOriginId! text
	OwnerAccountId text
	OriginReadTimeout int = 30
	OriginKeepaliveTimeout int = 5

OriginShield
	Enabled! flag = false
	OriginShieldRegion text

OriginGroup
	Id! text
	FailoverCriteria! FailoverCriteria
	Members! {OriginGroupMember OriginGroupMember}
	SelectionCriteria text(default|media-quality-based)

FailoverCriteria
	StatusCodes! {StatusCode int}

OriginGroupMember
	OriginId! text

DefaultCacheBehavior
	TargetOriginId! text
	TrustedSigners TrustedSigners = {}
	TrustedKeyGroups TrustedKeyGroups = {}
	ViewerProtocolPolicy! text(allow-all|https-only|redirect-to-https)
	AllowedMethods AllowedMethods
	SmoothStreaming flag = false
	Compress flag = false
	LambdaFunctionAssociations {LambdaFunctionAssociation LambdaFunctionAssociation} = {}
	FunctionAssociations {FunctionAssociation FunctionAssociation} = {}
	FieldLevelEncryptionId text = ""
	RealtimeLogConfigArn text
	CachePolicyId text
	OriginRequestPolicyId text
	ResponseHeadersPolicyId text
	GrpcConfig GrpcConfig = {}
	ForwardedValues ForwardedValues
	MinTTL int
	DefaultTTL int
	MaxTTL int

CacheBehavior
	PathPattern! text
	+DefaultCacheBehavior

TrustedSigners
	Enabled! flag = false
	Quantity! int = 0
	Items [AwsAccountNumber text]

TrustedKeyGroups
	Enabled! flag = false
	Quantity! int = 0
	Items [KeyGroup text]

AllowedMethods
	Quantity! int = 0
	Items! [Method text(GET|HEAD|POST|PUT|PATCH|OPTIONS|DELETE)]
	CachedMethods {Method text(GET|HEAD|POST|PUT|PATCH|OPTIONS|DELETE)}

LambdaFunctionAssociation
	LambdaFunctionARN! text
	EventType! text(viewer-request|viewer-response|origin-request|origin-response)
	IncludeBody flag = false

FunctionAssociation
	FunctionARN! text
	EventType! text(viewer-request|viewer-response|origin-request|origin-response)

GrpcConfig
	Enabled! flag = false

ForwardedValues
	QueryString! flag
	Cookies! Cookies
	Headers {Name text} = {}
	QueryStringCacheKeys {Name text} = {}

Cookies
	Forward! text(none|whitelist|all)
	WhitelistedNames {Name text}

CustomErrorResponse
	ErrorCode! int
	ResponsePagePath text = ""
	ResponseCode text = ""
	ErrorCachingMinTTL int = 10

Logging
	Enabled flag = false
	IncludeCookies flag = false
	Bucket text = ""
	Prefix text = ""

ViewerCertificate
	CloudFrontDefaultCertificate flag
	IAMCertificateId text
	ACMCertificateArn text
	SSLSupportMethod text(sni-only|vip|static-ip)
	MinimumProtocolVersion text(SSLv3|TLSv1|TLSv1_2016|TLSv1.1_2016|TLSv1.2_2018|TLSv1.2_2019|TLSv1.2_2021|TLSv1.3_2025|TLSv1.2_2025)
	Certificate text
	CertificateSource text(cloudfront|iam|acm)

Restrictions
	GeoRestriction! GeoRestriction = {}

GeoRestriction
	RestrictionType! text(blacklist|whitelist|none) = none
	Quantity! int = 0
	Items [Location text]

TenantConfig
	ParameterDefinitions [member ParameterDefinition]

ParameterDefinition
	Name! text
	Definition! ParameterDefinitionSchema

ParameterDefinitionSchema
	StringSchema StringSchema

StringSchema
	Comment text
	DefaultValue text
	Required! flag

ViewerMtlsConfig
	Mode text(required|optional|passthrough)
	TrustStoreConfig TrustStoreConfig

TrustStoreConfig
	TrustStoreId! text
	AdvertiseTrustStoreCaNames flag
	IgnoreCertificateExpiry flag

ConnectionFunctionAssociation
	Id! text

CacheTagConfig
	HeaderName! text

DistributionConfigWithTags
	DistributionConfig! DistributionConfig
	Tags! Tags

CopyDistributionRequest
	CallerReference! text
	Enabled flag

DistributionList
	+Page
	Items [DistributionSummary DistributionSummary]

DistributionSummary
	Id text
	ARN text
	ETag text
	Status text
	LastModifiedTime time
	DomainName text
	Aliases {CNAME text}
	Origins {Origin Origin}
	OriginGroups {OriginGroup OriginGroup}
	DefaultCacheBehavior DefaultCacheBehavior
	CacheBehaviors {CacheBehavior CacheBehavior}
	CustomErrorResponses {CustomErrorResponse CustomErrorResponse}
	Comment text
	PriceClass text
	Enabled flag
	ViewerCertificate ViewerCertificate
	Restrictions Restrictions
	WebACLId text
	HttpVersion text
	IsIPV6Enabled flag
	Staging flag

DistributionIdList
	+Page
	Items [DistributionId text]

Page
	Marker text
	NextMarker text
	MaxItems int
	IsTruncated flag
	Quantity int

Tags
	Items [Tag Tag]

Tag
	Key! text
	Value text

TagKeys
	Items [Key text]

Invalidation
	Id text
	Status text
	CreateTime time
	InvalidationBatch InvalidationBatch

InvalidationBatch
	Paths! {Path text}
	CallerReference! text

InvalidationList
	+Page
	Items [InvalidationSummary InvalidationSummary]

InvalidationSummary
	Id text
	CreateTime time
	Status text
`
