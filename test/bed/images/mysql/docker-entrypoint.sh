#!/bin/sh
# The official images' protocol: MYSQL_ROOT_PASSWORD, _ALLOW_EMPTY_PASSWORD, _RANDOM_ROOT_PASSWORD, _DATABASE, _USER,
# _PASSWORD (each also as ..._FILE; MARIADB_... too), and the files of /docker-entrypoint-initdb.d at the first start.
set -e
data=/var/lib/mysql
fail() { echo "[ERROR] [Entrypoint]: $*" >&2; exit 1; }

# value NAME: MYSQL_NAME or MARIADB_NAME, or the content of the file that ..._FILE names
value() {
  eval "text=\${MYSQL_$1:-\${MARIADB_$1:-}} file=\${MYSQL_${1}_FILE:-\${MARIADB_${1}_FILE:-}}"
  [ -z "$file" ] || text=$(cat "$file")
  echo "$text"
}
quoted() { printf "'%s'" "$(echo "$1" | sed "s/\\\\/\\\\\\\\/g; s/'/\\\\'/g")"; }

# MySQL's options that MariaDB does not know, as a warning instead of an end
known_options() {
  for option; do
    case $option in
      --default-authentication-plugin=* | --mysql-native-password=* | --authentication-policy=*) echo "--loose-${option#--}" ;;
      *) echo "$option" ;;
    esac
  done
}

grants() {
  password=$(value ROOT_PASSWORD) database=$(value DATABASE) user=$(value USER)
  [ -z "$(value RANDOM_ROOT_PASSWORD)" ] || {
    password=$(head -c 24 /dev/urandom | base64)
    echo "[Note] [Entrypoint]: GENERATED ROOT PASSWORD: $password" >&2
  }
  echo "ALTER USER root@localhost IDENTIFIED BY $(quoted "$password");"
  echo "CREATE USER root@'%' IDENTIFIED BY $(quoted "$password"); GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;"
  [ -z "$database" ] || echo "CREATE DATABASE IF NOT EXISTS \`$database\`;"
  [ -z "$user" ] || echo "CREATE USER $(quoted "$user")@'%' IDENTIFIED BY $(quoted "$(value PASSWORD)");"
  [ -z "$user" ] || [ -z "$database" ] || echo "GRANT ALL ON \`$database\`.* TO $(quoted "$user")@'%';"
}

run_scripts() {
  for script in /docker-entrypoint-initdb.d/*; do
    case $script in
      *.sh) echo "[Note] [Entrypoint]: running $script"; . "$script" ;;
      *.sql) echo "[Note] [Entrypoint]: running $script"; mysql -uroot -p"$password" $database < "$script" ;;
      *.sql.gz) echo "[Note] [Entrypoint]: running $script"; gunzip -c "$script" | mysql -uroot -p"$password" $database ;;
    esac
  done
}

initialise() {
  [ -n "$(value ROOT_PASSWORD)$(value ALLOW_EMPTY_PASSWORD)$(value ALLOW_EMPTY_ROOT_PASSWORD)$(value RANDOM_ROOT_PASSWORD)" ] ||
    fail 'Database is uninitialized and password option is not specified: set MYSQL_ROOT_PASSWORD'
  mariadb-install-db --datadir=$data --auth-root-authentication-method=normal --skip-test-db > /dev/null
  # on its socket only, so that nobody connects before the scripts have run
  "$@" --skip-networking &
  server=$!
  until mysqladmin ping > /dev/null 2>&1; do kill -0 $server || fail 'the server does not start'; sleep 0.1; done
  grants > /tmp/grants.sql
  mysql -uroot < /tmp/grants.sql
  rm /tmp/grants.sql
  password=$(value ROOT_PASSWORD) database=$(value DATABASE)
  run_scripts
  kill $server
  wait $server || true
  echo '[Note] [Entrypoint]: MySQL init process done. Ready for start up.'
}

case ${1:-} in -*) set -- mysqld "$@" ;; esac
case ${1:-} in mysqld | mariadbd) ;; *) exec "$@" ;; esac
if [ "$(id -u)" = 0 ]; then
  chown -R mysql:mysql $data /run/mysqld
  exec gosu mysql "$0" "$@"
fi
IFS='
'
# shellcheck disable=SC2046 # one option a line
set -- $(known_options "$@")
unset IFS
[ -d $data/mysql ] || initialise "$@"
exec "$@"
