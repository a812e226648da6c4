# shellcheck shell=bash
# Root file systems for images: how each begins, and how programs and Debian packages get into it.

# begin ROOT: busybox as the shell and tools, merged /usr like Debian's, root and nobody, CA certificates
begin() {
  local root=$1 applet
  mkdir -p "$root"/{dev,etc/ssl/certs,home,proc,root,run,sys,tmp,usr/bin,usr/sbin,usr/lib,usr/lib64,usr/local/bin,var/lib,var/log,var/tmp}
  chmod 1777 "$root/tmp" "$root/var/tmp"
  for applet in bin sbin lib lib64; do ln -s "usr/$applet" "$root/$applet"; done
  ln -s ../run "$root/var/run"
  cp /bin/busybox "$root/usr/bin/busybox"
  for applet in $(busybox --list); do [ "$applet" = busybox ] || ln -s busybox "$root/usr/bin/$applet"; done
  echo 'root:x:0:0:root:/root:/bin/sh' > "$root/etc/passwd"
  echo 'root:x:0:' > "$root/etc/group"
  user "$root" nobody 65534 /nonexistent
  echo 'hosts: files dns' > "$root/etc/nsswitch.conf"
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
}
# user ROOT NAME ID HOME
user() {
  echo "$2:x:$3:$3::$4:/bin/sh" >> "$1/etc/passwd"
  echo "$2:x:$3:" >> "$1/etc/group"
}
# copy_program ROOT FILE AS: a program of this machine with the shared libraries that it names
copy_program() {
  local library
  for library in $(ldd "$2" | grep -o '/[^ ]*'); do
    [ -e "$1$library" ] || { mkdir -p "$1$(dirname "$library")"; cp -L "$library" "$1$library"; }
  done
  cp "$2" "$1$3"
}
# debian_versions PACKAGE...: the candidate versions, an input of the image
debian_versions() { apt-cache policy "$@" | awk '/^[^ ]/ { name = $1 } /Candidate/ { print name, $2 }'; }
# what only the scripts of packages need
needless='adduser|debconf|dpkg|init-system-helpers|lib.*-perl|libperl.*|lsb-base|passwd|perl.*|sysvinit-utils|tar|ucf|usrmerge'
# unpack ROOT PACKAGE...: packages and all that they depend on, as if nothing were installed, without running their scripts
unpack() {
  local root=$1 list apt deb debs; shift
  # a folder of downloads for each image, so that two at once do not write the same file
  debs=$bed/debs/$(basename "$folder"); list=$(mktemp -d "$work/apt.XXXXXX")
  mkdir -p "$debs/partial"; : > "$list/status"
  apt=(-qq -y --no-install-recommends -o "Dir::State::status=$list/status" -o "Dir::Cache=$list"
    -o "Dir::Cache::archives=$debs" -o Debug::NoLocking=true)
  apt-get "${apt[@]}" --download-only install "$@" >> "$bed/log/apt.log" 2>&1 \
    || { apt-get update -qq && apt-get "${apt[@]}" --download-only install "$@"; } >> "$bed/log/apt.log" 2>&1 \
    || die "apt-get failed, see $bed/log/apt.log"
  apt-get "${apt[@]}" -o Debug::pkgDPkgPM=true install "$@" 2>&1 | grep -o "$debs/[^ ]*\.deb" | sort -u \
    | grep -Ev "/($needless)_" > "$list/debs"
  while read -r deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -C "$root" -x --keep-directory-symlink --exclude='./usr/share/doc' --exclude='./usr/share/man' \
      --exclude='./usr/share/locale' --exclude='./usr/lib/systemd' --exclude='./lib/systemd'
  done < "$list/debs"
}
# unpack_npm NAME@VERSION FOLDER INTO: a folder of an npm package, without running its scripts
unpack_npm() {
  local file
  mkdir -p "$bed/npm" "$3"
  file=$bed/npm/$(tr -d @ <<< "$1" | tr / -).tgz
  [ -f "$file" ] || (cd "$work" && mv "$(npm pack --silent "$1")" "$file")
  tar -C "$3" -xzf "$file" --strip-components=2 --no-same-owner "package/$2"
}
