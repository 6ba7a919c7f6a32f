# ruby-jwt: a key set, algorithms, audience and issuer. Neither of the last two is checked unless told.
require 'json'
require 'jwt'

$stdout.sync = true
keys = JSON.parse(File.read(ENV.fetch('JWKS_FILE')), symbolize_names: true)
options = {
  algorithms: [ENV.fetch('ALGORITHM')], jwks: keys,
  iss: ENV.fetch('ISSUER'), verify_iss: true, aud: ENV.fetch('AUDIENCE'), verify_aud: true, verify_iat: true
}
$stdin.each_line do |line|
  claims, = JWT.decode(line.strip, nil, true, options)
  puts "taken #{claims['sub']}"
rescue StandardError, NotImplementedError => e
  puts "refused #{e.class} #{e.message.tr("\n", ' ')}"
end
