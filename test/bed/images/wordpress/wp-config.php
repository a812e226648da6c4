<?php
// As in the official image: everything from WORDPRESS_... variables, each also as ..._FILE.
function from_env($name, $default) {
	$file = getenv("WORDPRESS_{$name}_FILE");
	if ($file) return rtrim(file_get_contents($file), "\r\n");
	$value = getenv("WORDPRESS_$name");
	return $value === false ? $default : $value;
}
define('DB_NAME', from_env('DB_NAME', 'wordpress'));
define('DB_USER', from_env('DB_USER', 'example username'));
define('DB_PASSWORD', from_env('DB_PASSWORD', 'example password'));
define('DB_HOST', from_env('DB_HOST', 'mysql'));
define('DB_CHARSET', from_env('DB_CHARSET', 'utf8'));
define('DB_COLLATE', from_env('DB_COLLATE', ''));
foreach (array('AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT') as $key) {
	define($key, from_env($key, sha1($key . DB_PASSWORD)));
}
$table_prefix = from_env('TABLE_PREFIX', 'wp_');
define('WP_DEBUG', (bool) from_env('DEBUG', ''));
if (strpos($_SERVER['HTTP_X_FORWARDED_PROTO'] ?? '', 'https') !== false) $_SERVER['HTTPS'] = 'on';
if ($extra = getenv('WORDPRESS_CONFIG_EXTRA')) eval($extra);
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
